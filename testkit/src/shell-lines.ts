/** A command as a page of the docs prints it. */
export interface PrintedCommand {
  /** Lines of the page count from 1. */
  readonly line: number;
  /** Variables set in front of it. */
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

const WORD = /"((?:[^"\\]|\\.)*)"|'([^']*)'|(<[^>\s][^>]*>)|([^\s"'<|#]+)|(#.*$)|(\|)/g;

/** Words of a line: quotes joined on to what stands beside them, `<a placeholder>` as one word, `null` for a pipe. */
const wordsOf = (line: string): readonly (string | null)[] => {
  const words: (string | null)[] = [];
  let end = -1;
  for (const match of line.matchAll(WORD)) {
    if (match[5] !== undefined && match.index !== end) break;
    const text = match[6] === undefined ? (match[1] ?? match[2] ?? match[3] ?? match[4] ?? match[5] ?? '') : null;
    const last = words.at(-1);
    if (match.index === end && text !== null && typeof last === 'string') words[words.length - 1] = last + text;
    else words.push(text);
    end = match.index + match[0].length;
  }
  return words;
};

/** Parts between pipes. */
const partsOf = (words: readonly (string | null)[]): readonly (readonly string[])[] => {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === null) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
};

const isVariable = (word: string): boolean => /^[A-Z_]+=/.test(word);

const commandOf = (line: number, words: readonly string[]): PrintedCommand => {
  const first = words.findIndex((word) => !isVariable(word));
  const env = words.slice(0, first === -1 ? words.length : first).map((word) => {
    const at = word.indexOf('=');
    return [word.slice(0, at), word.slice(at + 1)] as const;
  });
  return { line, env: Object.fromEntries(env), words: first === -1 ? [] : words.slice(first) };
};

/** The commands in one line of a shell, as a page prints it: comments are left out, a pipe makes two of it. */
export const commandsOfLine = (text: string, line = 1): readonly PrintedCommand[] =>
  partsOf(wordsOf(text)).map((words) => commandOf(line, words));

const FENCE = /^\s*```(\w*)/;
const SHELLS: ReadonlySet<string> = new Set(['', 'sh', 'bash']);

/** Joins lines that end in a backslash with the next. */
const joined = (lines: readonly { readonly line: number; readonly text: string }[]) => {
  const whole: { line: number; text: string }[] = [];
  for (const { line, text } of lines) {
    const last = whole.at(-1);
    if (last?.text.endsWith('\\')) last.text = `${last.text.slice(0, -1)} ${text.trim()}`;
    else whole.push({ line, text });
  }
  return whole;
};

/** What stands in blocks of shell commands of a page in Markdown: those marked `sh`, or not marked. */
export const shellBlocks = (markdown: string): readonly PrintedCommand[] => {
  const inside: { line: number; text: string }[] = [];
  let fence: string | null = null;
  for (const [at, text] of markdown.split('\n').entries()) {
    const mark = FENCE.exec(text)?.[1];
    if (mark !== undefined) fence = fence === null ? mark : null;
    else if (fence !== null && SHELLS.has(fence)) inside.push({ line: at + 1, text });
  }
  return joined(inside).flatMap(({ line, text }) => commandsOfLine(text, line));
};

/** What stands between backticks in running text, where it has an option or an `npx` and so must be a command. */
export const inlineCommands = (markdown: string): readonly PrintedCommand[] =>
  markdown
    .split('\n')
    .flatMap((text, at) =>
      [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) =>
        /(npx baton [a-z]|\bbaton [a-z].* --)/.test(code) ? commandsOfLine(code, at + 1) : [],
      ),
    );

/** Arguments of `baton`, whether called as `baton` or `npx baton`; null for another command. */
export const batonArguments = ({ words }: PrintedCommand): readonly string[] | null => {
  const own = words[0] === 'npx' ? words.slice(1) : words;
  return own[0] === 'baton' ? own.slice(1) : null;
};
