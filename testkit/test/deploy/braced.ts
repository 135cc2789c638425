/** A directive of a configuration file with braces: its words, and what stands between its braces. */
export interface Directive {
  readonly words: readonly string[];
  readonly inside: readonly Directive[];
}

const TOKEN = /"[^"]*"|'[^']*'|\{\$[^}]*\}|[^\s;{}]+|[;{}\n]/g;

/**
 * Reads nginx's and Caddy's files. A directive ends at `end` or where its braces close.
 *
 * @param end `;` in nginx's, a line's end in Caddy's
 */
export const readBraced = (text: string, end: ';' | '\n'): readonly Directive[] => {
  const tokens = text.replaceAll(/(^|\s)#.*$/gm, '$1').match(TOKEN) ?? [];
  const root: Directive[] = [];
  const open: Directive[][] = [root];
  let words: string[] = [];
  const close = (): void => {
    if (words.length > 0) open.at(-1)?.push({ words, inside: [] });
    words = [];
  };
  for (const token of tokens) {
    if (token === end) close();
    else if (token === '\n') continue;
    else if (token === '{') {
      const inside: Directive[] = [];
      open.at(-1)?.push({ words, inside });
      open.push(inside);
      words = [];
    } else if (token === '}') {
      if (words.length > 0) throw new Error(`${words.join(' ')}: not ended before }`);
      open.pop();
      if (open.length === 0) throw new Error('a } too many');
    } else words.push(token);
  }
  close();
  if (open.length > 1) throw new Error('a } is missing');
  return root;
};

/** The one directive of this name among these. */
export const only = (directives: readonly Directive[], name: string): Directive => {
  const found = directives.filter((it) => it.words[0] === name);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one ${name}, found ${found.length}`);
  return found[0];
};

/** What stands behind a name, for each directive of that name. */
export const valuesOf = (directives: readonly Directive[], name: string): readonly string[] =>
  directives.filter((it) => it.words[0] === name).map((it) => it.words.slice(1).join(' '));
