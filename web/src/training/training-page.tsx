import type { Client } from '../app/client.js';

export function TrainingPage(_props: { client: Client }) {
  return <h1>Training</h1>;
}
