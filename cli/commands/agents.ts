/** `ludus agents`: the language in which agents are named. */
import { describeAgents, externalAgents, type AgentDescription } from '#arena';
import { printResult, table } from '../output.js';

type Option = AgentDescription['options'][number];

/** "1 to 100000000, default 1000" */
function values(option: Option): string {
  switch (option.type) {
    case 'flag':
      return 'on or off, default off';
    case 'choice':
      return `${option.choices.join(' or ')}, default ${option.default}`;
    default:
      return `${option.min} to ${option.max}, default ${option.default}`;
  }
}

export function agents(options: { json?: boolean }): void {
  const kinds = describeAgents();
  printResult(options.json === true, { agents: kinds, external: externalAgents }, () => {
    const blocks = kinds.map((kind) => {
      const head = `${kind.usage}\n  ${kind.summary}`;
      if (kind.options.length === 0) return head;
      return `${head}\n${table(kind.options.map((o) => [`    ${o.name}`, o.help, `(${values(o)})`]))}`;
    });
    return [
      ...blocks,
      ...externalAgents.map(({ usage, summary }) => `${usage}\n  ${summary}`),
      'A PATH is a run (its latest checkpoint), run@step=2000, a checkpoint folder or a model folder such as models/connect4.',
    ].join('\n\n');
  });
}
