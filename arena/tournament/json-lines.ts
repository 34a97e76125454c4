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

/** The line where `JSON.parse` gives up, and its complaint; undefined when the text is well-formed. */
export function syntaxFault(text: string): { line: number; message: string } | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /position (\d+)/.exec(message);
    // Without a position the text ended too early, or V8 quoted it: then the last line is as near as one can say.
    const upTo = position === null ? text.trimEnd() : text.slice(0, Number(position[1]));
    return { line: upTo.split('\n').length, message: message.replace(/ in JSON at position.*$/, '').replace(/, ("|\.\.\.).*is not valid JSON$/s, '') };
  }
}
