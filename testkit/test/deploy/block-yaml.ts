/** What a file in the small part of YAML used here holds: maps, lists, texts. */
export type Yaml = string | null | readonly Yaml[] | { readonly [key: string]: Yaml };

interface Line {
  readonly indent: number;
  readonly text: string;
  readonly number: number;
}

const scalarOf = (text: string): string | null => {
  if (text === '') return null;
  if (/^"[^"\\]*"$/.test(text)) return text.slice(1, -1);
  if (/^[[{&*!|>'"%@`]/.test(text)) throw new Error(`not read here: ${text}`);
  return text;
};

const linesOf = (text: string): Line[] =>
  text.split('\n').flatMap((raw, index) => {
    if (/^\s*(?:#.*)?$/.test(raw)) return [];
    if (/\t|\s#|\s$/.test(raw))
      throw new Error(`line ${index + 1}: a tab, a comment behind a value or a space at the end`);
    return [{ indent: raw.length - raw.trimStart().length, text: raw.trim(), number: index + 1 }];
  });

const KEY = /^([A-Za-z_][\w.-]*):(?: (.+))?$/;

/** Takes the lines of one block off the front: all that are indented like the first. */
const readBlock = (lines: Line[]): Yaml => {
  const first = lines[0];
  if (first === undefined) return null;
  const isList = first.text.startsWith('- ');
  const list: Yaml[] = [];
  const map: Record<string, Yaml> = {};
  for (let line = lines[0]; line !== undefined && line.indent >= first.indent; line = lines[0]) {
    lines.shift();
    const key = isList ? null : KEY.exec(line.text);
    if (line.indent !== first.indent || line.text.startsWith('- ') !== isList || (!isList && key === null))
      throw new Error(`line ${line.number}: not of the block that begins in line ${first.number}`);
    if (key === null) {
      list.push(scalarOf(line.text.slice(2)));
      continue;
    }
    const [, name = '', value = ''] = key;
    if (name in map) throw new Error(`line ${line.number}: ${name} stands there twice`);
    const isBlock = value === '' && lines[0] !== undefined && lines[0].indent > line.indent;
    map[name] = isBlock ? readBlock(lines) : scalarOf(value);
  }
  return isList ? list : map;
};

/** Reads block YAML with plain values, and throws at whatever else stands there. */
export const readYaml = (text: string): Yaml => {
  const lines = linesOf(text);
  const value = readBlock(lines);
  if (lines.length > 0) throw new Error(`line ${lines[0]?.number}: belongs to no block`);
  return value;
};

/** The value at a path of keys; throws when there is none. */
export const valueAt = (value: Yaml, ...path: readonly string[]): Yaml => {
  let found = value;
  for (const key of path) {
    if (found === null || typeof found === 'string' || Array.isArray(found) || !(key in found))
      throw new Error(`there is no ${path.join('.')}`);
    found = (found as { readonly [key: string]: Yaml })[key] ?? null;
  }
  return found;
};
