/** What Prometheus asks for: a registry of this server's own, so that two in one process do not mix. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { ThinkKind } from './think-queue.js';

/** Seconds. */
const LATENCY = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const THINKING = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

/** Read when somebody asks. */
export interface Readings {
  connections(): number;
  rooms(): { readonly running: number; readonly finished: number };
  waiting(): number;
  searching(): number;
}

export class Metrics {
  readonly registry = new Registry();
  readonly rooms: Gauge<'state'>;
  private readonly moves: Counter;
  private readonly acknowledged: Histogram;
  private readonly messages: Counter<'type'>;
  private readonly closed: Counter<'code'>;
  private readonly searches: Histogram<'kind'>;
  private readonly waits: Histogram<'kind'>;

  constructor(readings: Readings) {
    const registers = [this.registry];
    // Memory, processor, garbage collection, lag of the event loop.
    collectDefaultMetrics({ register: this.registry });
    const gauge = (name: string, help: string, read: () => number) => new Gauge({ name, help, registers, collect() { this.set(read()); } });
    gauge('ludus_connections', 'sockets that are open', () => readings.connections());
    gauge('ludus_search_queue', 'searches that wait', () => readings.waiting());
    gauge('ludus_searches_active', 'searches going on', () => readings.searching());
    this.rooms = new Gauge({
      name: 'ludus_rooms', help: 'rooms, by whether their game goes on', labelNames: ['state'], registers,
      collect() {
        const { running, finished } = readings.rooms();
        this.set({ state: 'running' }, running);
        this.set({ state: 'finished' }, finished);
      },
    });
    this.moves = new Counter({ name: 'ludus_moves_total', help: 'moves played, by persons and agents', registers });
    this.acknowledged = new Histogram({ name: 'ludus_move_ack_seconds', help: "from a person's move being heard to its acknowledgment being sent, stored", buckets: LATENCY, registers });
    this.messages = new Counter({ name: 'ludus_messages_total', help: 'messages heard, by type', labelNames: ['type'], registers });
    this.closed = new Counter({ name: 'ludus_sockets_closed_total', help: 'sockets that have closed, by code', labelNames: ['code'], registers });
    this.searches = new Histogram({ name: 'ludus_search_seconds', help: 'searches that ended, by what for', labelNames: ['kind'], buckets: THINKING, registers });
    this.waits = new Histogram({ name: 'ludus_search_wait_seconds', help: 'how long searches waited for their turn', labelNames: ['kind'], buckets: THINKING, registers });
  }

  moved(): void {
    this.moves.inc();
  }

  /** `millis`: from hearing a move to sending its acknowledgment. */
  acknowledge(millis: number): void {
    this.acknowledged.observe(millis / 1000);
  }

  heard(type: string): void {
    this.messages.inc({ type });
  }

  socketClosed(code: number): void {
    this.closed.inc({ code: String(code) });
  }

  /** Milliseconds in the queue, and of searching. */
  searched(kind: ThinkKind, waited: number, ran: number): void {
    this.waits.observe({ kind }, waited / 1000);
    this.searches.observe({ kind }, ran / 1000);
  }

  close(): void {
    this.registry.clear();
  }
}
