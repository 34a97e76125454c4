/** Where in somebody's code a tensor operation was called: "my-network.ts:12:30". */

/** V8's setting; other engines have no such property and their stacks are whole anyway. */
const limits = Error as { stackTraceLimit?: number };

/** The library's own frames and ours, which say nothing about the network. */
const INSIDE = /@tensorflow|tfjs|[/\\]engine[/\\]nn[/\\](trace|onnx)[/\\]|^native |node:internal/;

/** The innermost line of the present call stack that is neither TensorFlow.js nor the tracer. */
export function callPlace(): string {
  const before = limits.stackTraceLimit;
  limits.stackTraceLimit = 200;
  const stack = new Error('place').stack ?? '';
  limits.stackTraceLimit = before;
  for (const line of stack.split('\n')) {
    const place = /\(?((?:file:\/\/|https?:\/\/|[A-Za-z]:|\/)[^()]*:\d+:\d+)\)?\s*$/.exec(line)?.[1];
    if (place !== undefined && !INSIDE.test(place)) return place.replace(/^file:\/\//, '');
  }
  return 'an unknown place';
}
