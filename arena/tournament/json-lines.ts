/** Where things are in a JSON text: complaints about a file that a person wrote name the line. */

const token = /"(?:[^"\\\n]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+|\n/g;

/** 1-based lines of every entry of a well-formed JSON text, by path: "agents.1.name", "" for the whole. */
export function linesByPath(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const stack: { path: string; index: number; key: string | undefined; object: boolean }[] = [];
  let line = 1;
  let pending: string | undefined;
  const join = (path: string, key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);
  const here = (): string => {
    const top = stack.at(-1);
    return top === undefined ? '' : join(top.path, top.object ? (top.key ?? '') : top.index);
  };
  for (const [word] of text.matchAll(token)) {
    const top = stack.at(-1);
    if (word === '\n') {
      line++;
    } else if (word === '{' || word === '[') {
      const path = here();
      if (!lines.has(path)) lines.set(path, line);
      stack.push({ path, index: 0, key: undefined, object: word === '{' });
    } else if (word === '}' || word === ']') {
      stack.pop();
    } else if (word === ',') {
      if (top !== undefined) {
        top.index++;
        top.key = undefined;
      }
    } else if (word === ':') {
      if (top !== undefined) {
        top.key = pending;
        lines.set(here(), line);
      }
    } else if (top?.object === true && top.key === undefined) {
      pending = word.startsWith('"') ? String(JSON.parse(word)) : word;
    } else {
      const path = here();
      if (!lines.has(path)) lines.set(path, line);
    }
  }
  return lines;
}

/** The line of the first thing wrong in a text that is not JSON, and what was expected there; undefined when it is JSON. */
export function syntaxFault(text: string): { line: number; message: string } | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    // The runtime's own message rarely says where: find the place by walking the text.
    const at = new Walker(text).walk();
    return { line: text.slice(0, at.offset).trimEnd().split('\n').length, message: at.offset >= text.trimEnd().length ? `it ends where ${at.expected} should be` : `'${text[at.offset]}' where ${at.expected} should be` };
  }
}

class Fault extends Error {
  readonly offset: number;
  readonly expected: string;
  constructor(offset: number, expected: string) {
    super(expected);
    this.offset = offset;
    this.expected = expected;
  }
}

/** JSON's grammar (RFC 8259), for the sake of the first offset that does not fit it. */
class Walker {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  walk(): Fault {
    try {
      this.value('a value');
      return new Fault(this.at, 'the end');
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private take(pattern: RegExp, expected: string): void {
    const sticky = new RegExp(pattern, 'y');
    sticky.lastIndex = this.at;
    if (!sticky.test(this.text)) throw new Fault(this.at, expected);
    this.at = sticky.lastIndex;
    this.space();
  }

  private value(expected: string): void {
    this.space();
    const first = this.text[this.at];
    if (first === '{') this.list('}', () => {
      this.take(/"(?:[^"\\\n]|\\.)*"/, 'a key in quotes');
      this.take(/:/, "':'");
      this.value('a value');
    });
    else if (first === '[') this.list(']', () => this.value('a value'));
    else this.take(/"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/, expected);
  }

  private list(end: string, entry: () => void): void {
    this.at++;
    this.space();
    if (this.text[this.at] !== end) {
      entry();
      while (this.text[this.at] === ',') {
        this.at++;
        this.space();
        entry();
      }
    }
    if (this.text[this.at] !== end) throw new Fault(this.at, `',' or '${end}'`);
    this.at++;
    this.space();
  }
}
