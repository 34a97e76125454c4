/** Strongly connected groups of a directed graph (Tarjan 1972, without recursion): within one, ratings are finite. */

/** edges [from, to]: `from` took something off `to`. Returns each node's group, numbered by first appearance. */
export function connectedGroups(nodes: number, edges: readonly (readonly [from: number, to: number])[]): number[] {
  const next: number[][] = Array.from({ length: nodes }, () => []);
  for (const [from, to] of edges) next[from].push(to);
  const order = new Int32Array(nodes).fill(-1);
  const low = new Int32Array(nodes);
  const onStack = new Uint8Array(nodes);
  const component = new Int32Array(nodes).fill(-1);
  const stack: number[] = [];
  let clock = 0;
  let components = 0;
  for (let root = 0; root < nodes; root++) {
    if (order[root] >= 0) continue;
    const work: { node: number; edge: number }[] = [{ node: root, edge: 0 }];
    order[root] = low[root] = clock++;
    stack.push(root);
    onStack[root] = 1;
    while (work.length > 0) {
      const frame = work[work.length - 1];
      const { node } = frame;
      if (frame.edge < next[node].length) {
        const to = next[node][frame.edge++];
        if (order[to] < 0) {
          order[to] = low[to] = clock++;
          stack.push(to);
          onStack[to] = 1;
          work.push({ node: to, edge: 0 });
        } else if (onStack[to] === 1) low[node] = Math.min(low[node], order[to]);
        continue;
      }
      work.pop();
      if (work.length > 0) low[work[work.length - 1].node] = Math.min(low[work[work.length - 1].node], low[node]);
      if (low[node] !== order[node]) continue;
      for (let member = -1; member !== node; ) {
        member = stack.pop()!;
        onStack[member] = 0;
        component[member] = components;
      }
      components++;
    }
  }
  const renumbered = new Map<number, number>();
  return Array.from(component, (c) => {
    if (!renumbered.has(c)) renumbered.set(c, renumbered.size);
    return renumbered.get(c)!;
  });
}
