/** Milliseconds by the clock and of processor time. */
export async function timed(work: () => Promise<unknown>): Promise<readonly [clock: number, processor: number]> {
  const start = performance.now();
  const used = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(used);
  return [performance.now() - start, (user + system) / 1000];
}
