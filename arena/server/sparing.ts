/** What takes some effort to find out, and many ask for. */

/** Reads anew once `millis` have passed since it last began to; until then everybody gets the same answer, a failure too. */
export function sparing<T>(read: () => Promise<T> | T, millis: number, now: () => number = () => performance.now()): () => Promise<T> {
  let last: Promise<T> | undefined;
  let at = -Infinity;
  return () => {
    if (last === undefined || now() - at >= millis) {
      at = now();
      last = Promise.resolve(read());
    }
    return last;
  };
}
