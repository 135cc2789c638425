import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParticipantInput } from '../../src/doc/index.ts';
import {
  decodeText,
  inspectList,
  MAX_LIST_BYTES,
  MAX_LIST_ROWS,
  mapHeaders,
  parseRoster,
  parseRosterSliced,
  runPaced,
} from '../../src/roster/index.ts';
import { recordedFile } from '../reads/recorded.ts';
import { bytes, latin1, parsed, parseProblems } from './list-fixture.ts';

describe('lists of timing software', () => {
  it('[RT-42] a people file: its comments are no people', () => {
    const list = parsed(recordedFile('rosters/people-100.ppl'));
    expect(list).toMatchObject({ kind: 'participants', format: 'ppl', encoding: 'utf-8', columns: [] });
    expect(list.rows).toHaveLength(100);
    expect(list.rows[0]).toEqual({
      line: 2,
      bib: '1',
      lastName: 'Mitchell',
      firstName: 'Patricia',
      club: 'Urban Stride',
      sex: 'F',
    });
  });

  it('[RT-42] a bib-chip list, with its header', () => {
    const list = parsed(recordedFile('rosters/bibchip-100.txt'));
    expect(list).toMatchObject({ kind: 'chips', format: 'bibchip' });
    expect(list.rows).toHaveLength(100);
    expect(list.rows[0]).toEqual({ line: 2, bib: '1', chips: ['058003700001'] });
  });

  it('[RT-42] a people file in Windows-1252: the names are right', () => {
    const list = parsed(recordedFile('rosters/people-windows-1252.ppl'));
    expect(list.encoding).toBe('windows-1252');
    expect(list.rows).toEqual([{ line: 1, bib: '4', lastName: 'ÿÖ°±²³´µ', firstName: '¶·¸¹º»¼½¾' }]);
  });
});

describe('text of a file', () => {
  const decoded = (list: Uint8Array) => {
    const text = decodeText(list);
    return text.ok ? text.value : text.error.message;
  };

  it('[RT-42] Windows-1252 has quotes, dashes and the euro where Latin-1 has nothing', () => {
    const every = Uint8Array.from({ length: 0x80 }, (_, index) => 0x80 + index);
    expect(decoded(every)).toEqual({
      encoding: 'windows-1252',
      text:
        '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ' +
        String.fromCharCode(...Array.from({ length: 0x60 }, (_, index) => 0xa0 + index)),
    });
  });

  it('decodes a long file in pieces as it would in one', () => {
    const long = latin1('é€ü,'.replace('€', '\u0080').repeat(5000));
    expect(decoded(long)).toEqual({ encoding: 'windows-1252', text: 'é€ü,'.repeat(5000) });
  });

  it('takes UTF-8 with and without its mark, and every kind of line end', () => {
    for (const mark of ['', '\uFEFF']) {
      expect(decoded(bytes(`${mark}1,Zoë\r\n2,b\r3,c\n`))).toEqual({ encoding: 'utf-8', text: '1,Zoë\n2,b\n3,c\n' });
    }
  });

  it.each([
    ['nothing', Uint8Array.of(), 'empty'],
    ['UTF-16, little end first', Uint8Array.of(0xff, 0xfe, 0x31, 0), 'UTF-16'],
    ['UTF-16, big end first', Uint8Array.of(0xfe, 0xff, 0, 0x31), 'UTF-16'],
    ['UTF-16 without a mark', Uint8Array.of(0x31, 0, 0x2c, 0), 'UTF-16'],
    ['a spreadsheet', latin1('PK\u0003\u0004'), 'CSV'],
    ['a broken file that says it is UTF-8', Uint8Array.of(0xef, 0xbb, 0xbf, 0xff), 'is not'],
    ['one byte too many', new Uint8Array(MAX_LIST_BYTES + 1).fill(0x31), 'in parts'],
  ])('refuses %s', (_, list, why) => {
    expect(decoded(list)).toContain(why);
    expect(parseRoster(list)).toMatchObject({ type: 'refused', problems: [{ line: null }], more: 0 });
  });
});

describe('CSV', () => {
  it.each([',', ';', '\t'])('finds the delimiter %j, and takes headers in any case', (delimiter) => {
    const list = [
      ['BIB', 'FirstName', 'lastname', 'CLUB', 'sex', 'birthYear', 'category', 'chip', 'race', 'shoe size'],
      ['7', 'Ada', 'Berg', 'Harriers', 'f', '1980-05-17', 'W40', '0580037000AB 0580037000ac', '10 km', '38'],
    ];
    const read = parsed(list.map((cells) => cells.join(delimiter)).join('\n'));
    expect(read.rows).toEqual([
      {
        line: 2,
        bib: '7',
        firstName: 'Ada',
        lastName: 'Berg',
        club: 'Harriers',
        sex: 'F',
        birthYear: 1980,
        category: 'W40',
        chips: ['0580037000ab', '0580037000ac'],
        race: '10 km',
      },
    ]);
    expect(read.columns.at(-1)).toEqual({ header: 'shoe size', field: null });
  });

  it('takes quotes, delimiters and line breaks in cells; lines are counted as an editor counts them', () => {
    const list = 'bib,name,note\n1,"Berg, ""Ada""","two\nlines"\n\n2,Bo,\n3,C,"three\n\nlines"\n4,,\nx\n';
    expect(parseProblems(list)).toEqual(['10: has 1 cells, the header has 3']);
    const read = parsed(list.replace('x\n', ''));
    expect(read.rows.map(({ line, bib, name }) => [line, bib, name])).toEqual([
      [2, '1', 'Berg, "Ada"'],
      [5, '2', 'Bo'],
      [6, '3', 'C'],
      [9, '4', ''],
    ]);
  });

  it('keeps what looks like a formula as the text it is', () => {
    expect(parsed('bib,name,club\n1,=1+1,@home\n').rows[0]).toMatchObject({ name: '=1+1', club: '@home' });
  });

  it('takes empty cells for empty, and absent columns for unsaid', () => {
    expect(parsed('bib;club;sex;birthYear;category;race;chip\n1;;;;;;\n').rows[0]).toEqual({
      line: 2,
      bib: '1',
      club: null,
      sex: null,
      birthYear: null,
      category: null,
      race: null,
      chips: [],
    });
    expect(parsed('bib\n1\n', { format: 'csv' }).rows[0]).toEqual({ line: 2, bib: '1' });
  });

  it('ignores cells beyond the header while they are empty', () => {
    expect(parsed('bib,name\n1,A,,\n').rows).toHaveLength(1);
    expect(parseProblems('bib,name\n1,A,B\n')).toEqual(['2: has 3 cells, the header has 2']);
  });

  it('reads a chip list out of a wider one', () => {
    const list = 'bib,name,sex,chip\n1,A,nonsense,058003700001\n';
    expect(parsed(list, { kind: 'chips' }).rows).toEqual([{ line: 2, bib: '1', chips: ['058003700001'] }]);
  });

  it('takes the columns that people have chosen', () => {
    const list = 'number,who,what\n1,Ada Berg,Harriers\n';
    expect(parsed(list, { columns: ['bib', 'name', 'club'], format: 'csv' }).rows[0]).toEqual({
      line: 2,
      bib: '1',
      name: 'Ada Berg',
      club: 'Harriers',
    });
    expect(parseProblems(list, { columns: ['bib', 'name', 'name'], format: 'csv' })[0]).toContain(
      'two columns are name',
    );
    expect(parseProblems(list, { columns: [null, 'name'], format: 'csv' })[0]).toContain('no column is bib');
    expect(parseProblems('bib,name\n1,A', { kind: 'chips', format: 'csv' })[0]).toContain('no column is chip');
  });
});

describe('headers', () => {
  it.each([
    ['Bib', 'bib'],
    ['Startnummer', 'bib'],
    ['Start-Nr.', 'bib'],
    ['Vorname', 'firstName'],
    ['First name', 'firstName'],
    ['Nachname', 'lastName'],
    ['SURNAME', 'lastName'],
    ['Name', 'name'],
    ['Verein', 'club'],
    ['Team', 'club'],
    ['Jahrgang', 'birthYear'],
    ['Year of birth', 'birthYear'],
    ['Geschlecht', 'sex'],
    ['Gender', 'sex'],
    ['m/w', 'sex'],
    ['Strecke', 'race'],
    ['Distance', 'race'],
    ['Altersklasse', 'category'],
    ['Transponder', 'chip'],
    ['chip_id', 'chip'],
    ['E-mail', null],
    ['', null],
    ['__proto__', null],
    ['constructor', null],
  ])('%j is %s', (header, field) => {
    expect(mapHeaders([header])).toEqual([field]);
  });

  it('give a field once', () => {
    expect(mapHeaders(['bib', 'chip', 'chip', 'Startnummer'])).toEqual(['bib', 'chip', null, null]);
  });

  it('are shown with a proposal and the first rows, whatever is wrong further down', () => {
    const look = inspectList(latin1('Startnummer;Vorname;Schuhgr\u00f6\u00dfe\n1;Ada;38\n2;Bo;44\nbad\n'));
    expect(look).toMatchObject({
      ok: true,
      value: {
        encoding: 'windows-1252',
        format: 'csv',
        headers: ['Startnummer', 'Vorname', 'Schuhgröße'],
        proposal: ['bib', 'firstName', null],
      },
    });
    expect(look.ok && look.value.sample.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(inspectList(Uint8Array.of()).ok).toBe(false);
  });
});

describe('the format', () => {
  it.each([
    ['1,Berg,Ada\n', 'ppl', 'participants'],
    ['; people\n\n1,Berg,Ada,Harriers,,F\n', 'ppl', 'participants'],
    ['1,Runner,Team\n', 'ppl', 'participants'],
    ['BIB,CHIP\n1,058003700001\n', 'bibchip', 'chips'],
    ['1,0580037000AB\n', 'bibchip', 'chips'],
    ['bib,name\n1,A\n', 'csv', 'participants'],
    ['Startnummer;Transponder;Name\n1;058003700001;A\n', 'csv', 'participants'],
  ] as const)('of %j is %s', (list, format, kind) => {
    expect(parsed(list)).toMatchObject({ format, kind });
  });

  it('is what it is said to be', () => {
    expect(parsed('bib,chip\n1,058003700001\n', { kind: 'participants' })).toMatchObject({ format: 'csv' });
    expect(parsed('bib,chip\n1,058003700001\n', { kind: 'chips', format: 'csv' })).toMatchObject({ kind: 'chips' });
    expect(parseProblems('1,A,B\n', { kind: 'chips', format: 'ppl' })[0]).toContain('holds participants');
    expect(parseProblems('1,A,B\n', { kind: 'participants', format: 'bibchip' })[0]).toContain('holds chips');
  });
});

describe('what is wrong with a list', () => {
  it.each<[string, string, string, RegExp]>([
    ['too few cells', 'ppl', '1,A,B\n2,C\n', /^2: expected bib,last,first/],
    ['too many cells', 'ppl', '1,A,B,Club, Inc.,,F\n', /^1: has 7 cells/],
    ['quotes', 'ppl', '1,A,B\n\n2,"C",D\n', /^3: a \.ppl file has no quotes/],
    ['a header', 'ppl', 'ID,Last,First\n1,A,B\n', /^1: expected a bib with a digit, got "ID"$/],
    ['no bib', 'ppl', ' ,A,B\n', /^1: bib is empty$/],
    ['a sex of many letters', 'ppl', '1,A,B,,,unsure\n', /^1: expected sex/],
    ['a second header', 'bibchip', 'BIB,CHIP\n1,058003700001\nBIB,058003700002\n', /^3: expected a bib with a digit/],
    ['11 digits', 'bibchip', '1,58003700001\n', /^1: expected a chip of 12 hex digits, got "58003700001"$/],
    ['a number of a spreadsheet', 'bibchip', '1,5.80037E+10\n', /^1: expected a chip/],
    [
      'a chip twice',
      'bibchip',
      '1,058003700001\n2,0580037000aa\n3,0580037000AA\n',
      /^3: chip 0580037000aa is given twice: it is on line 2$/,
    ],
    ['three cells', 'bibchip', '1,058003700001,x\n', /^1: expected bib,chip, got 3 cells$/],
    ['a sex', 'csv', 'bib,sex\n1,F\n2,Q\n', /^3: expected sex F, M or X, got "Q"$/],
    ['a short year', 'csv', 'bib,jahrgang\n1,80\n', /^2: expected a year of birth/],
    ['a year out of range', 'csv', 'bib,jahrgang\n1,1849\n', /^2: expected a year of birth/],
    ['a long club', 'csv', `bib,club\n1,${'x'.repeat(201)}\n`, /^2: club is longer than 200 characters: "x{40}…"$/],
    ['a long bib', 'csv', `bib\n${'1'.repeat(33)}\n`, /^2: bib is longer/],
    ['a long category', 'csv', `bib,category\n1,${'x'.repeat(129)}\n`, /^2: category is longer/],
    ['a line break', 'csv', 'bib,club\n1,"a\nb"\n', /^2: club holds a control character or a line break: "a\uFFFDb"$/],
    ['a bell', 'csv', 'bib,name\n1,A\n2,B\u0007\n', /^3: name holds a control character/],
    ['an open quote in the header', 'csv', 'bib,"name\n1,A\n', /^1: a quoted cell is never closed$/],
    ['an open quote', 'csv', 'bib,name\n1,A\n2,"B\n3,C\n', /^3: a quoted cell is never closed$/],
    ['a lone quote', 'csv', 'bib,name\n1,"A "B" C"\n', /^2: a quote stands inside/],
    [
      'too many chips',
      'csv',
      `bib,chip\n1,${Array.from({ length: 17 }, () => '058003700001').join(' ')}\n`,
      /^2: more than 16 chips$/,
    ],
    ['too many cells', 'csv', `bib,name${',x'.repeat(99)}\n1,A\n`, /^1: more than 100 cells/],
    [
      'an endless row',
      'csv',
      `bib,name\n1,A\n2,"${'x'.repeat(40_000)}`,
      /^3: the row that begins "2,\\"x+…" is longer than 32768/,
    ],
    ['only a header', 'csv', 'bib,name\n', /^null: the file has no rows$/],
    ['only comments', 'ppl', ';a\n;b\n', /^null: the file has no rows$/],
  ])('is told with its line: %s (%s)', (_, format, list, problem) => {
    const problems = parseProblems(list, { format: format as 'csv' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('is all told, up to a bound, in the order of the lines', () => {
    const outcome = parseRoster(bytes('x\n'.repeat(250)));
    expect(outcome).toMatchObject({ type: 'refused', more: 150 });
    expect(outcome.type === 'refused' && outcome.problems.map(({ line }) => line)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  });

  it('several things in one row are all told', () => {
    expect(parseProblems('bib,sex,jahrgang\n,Q,80\n')).toHaveLength(3);
  });

  it('is not found where there are many rows, up to the bound', () => {
    const row = (_: unknown, index: number): string => `${index + 1},A,B`;
    expect(parsed(Array.from({ length: MAX_LIST_ROWS }, row).join('\n')).rows).toHaveLength(MAX_LIST_ROWS);
    expect(parseProblems(Array.from({ length: MAX_LIST_ROWS + 1 }, row).join('\n')).at(-1)).toMatch(
      /more than 200000 rows/,
    );
  });
});

const SAFE = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replace(/\p{Cc}/gu, ' ').trim());
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

describe('any list', () => {
  it('comes back as it was written, whatever its cells hold', () => {
    const row = fc.record({ firstName: SAFE, lastName: SAFE, club: SAFE, note: fc.string({ unit: 'binary-ascii' }) });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(',', ';', '\t'),
        (rows, delimiter) => {
          const lines = rows.map((it, index) =>
            [`${index + 1}`, it.firstName, it.lastName, it.club, it.note.replaceAll('\0', '')]
              .map(quoted)
              .join(delimiter),
          );
          const list = parsed([['bib', 'firstName', 'lastName', 'club', 'note'].join(delimiter), ...lines].join('\n'));
          expect(list.rows.map(({ line: _, ...it }) => it)).toEqual(
            rows.map((it, index) => ({
              bib: `${index + 1}`,
              firstName: it.firstName,
              lastName: it.lastName,
              club: it.club === '' ? null : it.club,
            })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('[P16] is read or refused, whatever its bytes; what is read, the roster’s schema takes', () => {
    const letters = fc.constantFrom(...'bib,chip;name\n\r"\t01aF \u00e9\u0080'.split(''));
    const likely = fc.array(letters, { maxLength: 200 }).map((it) => latin1(it.join('')));
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      likely,
      likely.map((it) => latin1(`bib,name,sex,chip\n${String.fromCharCode(...it)}`)),
    );
    fc.assert(
      fc.property(
        any,
        fc.constantFrom(undefined, 'ppl' as const, 'bibchip' as const, 'csv' as const),
        (list, format) => {
          const outcome = parseRoster(list, { format });
          if (outcome.type === 'refused') {
            expect(outcome.problems.length).toBeGreaterThan(0);
            return;
          }
          for (const { line, name: _, chips: __, race: ___, ...fields } of outcome.parsed.rows) {
            expect(line).toBeGreaterThan(0);
            expect(ParticipantInput.safeParse({ participantId: 'x', ...fields }).success).toBe(true);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is the same in one go and with rests', async () => {
    const list = bytes(Array.from({ length: 3000 }, (_, index) => `${index + 1},Last ${index},First`).join('\n'));
    let rests = 0;
    const rest = async (): Promise<void> => {
      rests++;
    };
    const paced = await runPaced(parseRosterSliced(list), { isOver: () => true, rest });
    expect(paced).toEqual(parseRoster(list));
    expect(rests).toBeGreaterThan(3000 / 20);
  });
});
