import { expect, it } from 'vitest';
import { getAlgorithm } from './algorithms.js';
import { changeTaskConfig, defaultTaskConfig, describeTaskConfig } from './run-config.js';
import { openTask } from './task.js';

it('lists are written as they are shown, and emptied by nothing or by []', async () => {
  const task = await openTask('freeway');
  const rainbow = getAlgorithm('rainbow');
  const config = defaultTaskConfig(rainbow, task);
  expect(describeTaskConfig(rainbow, config).find(({ key }) => key === 'learner.convolutions')?.default).toBe('16:3:1');
  for (const text of ['learner.convolutions=', 'convolutions=[]']) expect(changeTaskConfig(rainbow, config, [text]).learner).toMatchObject({ convolutions: [] });
  const two = changeTaskConfig(rainbow, config, ['convolutions=', 'convolutions=8:5:2,4:3:1', 'hidden=32,16']);
  expect(two.learner).toMatchObject({ convolutions: [[8, 5, 2], [4, 3, 1]], hidden: [32, 16] });
  expect(() => changeTaskConfig(rainbow, config, ['convolutions=8:5'])).toThrow(/convolutions/);
});
