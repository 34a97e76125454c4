/** State in one place, outside the components: set it, read it, be told when it changed. */
import { useEffect, useState } from 'preact/hooks';

export interface Store<S> {
  get(): S;
  /** Listeners hear of it only when the reducer gave back another object. */
  update(change: (state: S) => S): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<S>(initial: S): Store<S> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    update(change) {
      const next = change(state);
      if (next === state) return;
      state = next;
      for (const listener of Array.from(listeners)) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A part of the store, re-rendering only when that part is another object or value. */
export function useStore<S, T>(store: Store<S>, select: (state: S) => T): T {
  const selected = select(store.get());
  const [, rerender] = useState(0);
  useEffect(() => {
    let last = select(store.get());
    if (last !== selected) rerender((n) => n + 1);
    return store.subscribe(() => {
      const next = select(store.get());
      if (next === last) return;
      last = next;
      rerender((n) => n + 1);
    });
    // The selectors in use are pure functions of the state: subscribing once is enough.
  }, [store]);
  return selected;
}
