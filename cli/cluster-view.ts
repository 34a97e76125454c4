/** A cluster's status as the page shows it: without the names of machines. */
import type { ClusterView } from '#arena/protocol';
import type { ClusterStatus } from '#selfplay/cluster';

export function clusterView({ redis, memory, works, workers }: ClusterStatus): ClusterView {
  return {
    redis, memory,
    works: works.map(({ id, title, status, queue, gamesPerSecond, lagSteps, lagSeconds, failures }) => ({
      id, title, state: status?.state ?? null, games: status?.games ?? 0, gamesPerSecond: status?.gamesPerSecond ?? gamesPerSecond,
      outstanding: status?.outstanding ?? 0, limit: status?.limit ?? 0,
      waiting: queue.waiting, active: queue.active, failed: queue.failed, quarantined: queue.quarantined,
      step: status?.step ?? null, lagSteps, lagSeconds, failures,
    })),
    workers: workers.map(({ id, threads, device, uptime, works: parts, failures, lastFailure }) => ({
      id, threads, device, uptime, gamesPerSecond: parts.reduce((sum, part) => sum + part.gamesPerSecond, 0),
      step: parts.find((part) => part.step !== undefined)?.step ?? null, failures, lastFailure: lastFailure ?? null,
    })),
  };
}
