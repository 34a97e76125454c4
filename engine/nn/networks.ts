/** Networks by configuration. A network of your own needs none of this: anything of the shape `Network` will do. */
import { UserError, unknown } from '#engine';
import type { AuxiliaryConfig, ValueKind } from './heads.js';
import { valueKinds } from './heads.js';
import { createMlp } from './mlp.js';
import { createResnet } from './resnet.js';
import type { Network, NetworkInput } from './types.js';

export const policyKinds = ['auto', 'dense', 'planes'] as const;

export interface ResnetConfig {
  readonly kind: 'resnet';
  /** Width of the trunk. */
  readonly channels: number;
  /** Residual blocks. */
  readonly blocks: number;
  /** 0: blocks of two 3x3 convolutions; n: MobileNet V2 blocks, n times as wide within, for about n / 9 of the work. Default 0. */
  readonly expansion?: number;
  readonly value: ValueKind;
  /** Every second block also sees the mean and maximum over the board (KataGo). Default false. */
  readonly globalPooling?: boolean;
  /**
   * 'planes': the policy comes from a convolution, by the game's `policyPlanes`; 'dense': from a matrix over the whole board.
   * Default 'auto': planes where the game has them.
   */
  readonly policy?: (typeof policyKinds)[number];
  /** Channels that a 1x1 convolution hands to a dense policy. Default 16. */
  readonly policyChannels?: number;
  /** Channels that a 1x1 convolution hands to the value layers. Default 8. */
  readonly valueChannels?: number;
  /** Width of the value head's hidden layer. Default 64. */
  readonly valueHidden?: number;
  /** Blocks start as the identity: their last gain starts at 0, which learned faster with each optimiser. Default true. */
  readonly identityStart?: boolean;
  readonly auxiliary?: AuxiliaryConfig;
}

export interface MlpConfig {
  readonly kind: 'mlp';
  /** Widths of the hidden layers, each a dense layer and a relu. */
  readonly hidden: readonly number[];
  readonly value: ValueKind;
  readonly auxiliary?: AuxiliaryConfig;
}

export type NetworkConfig = ResnetConfig | MlpConfig;

export const networkKinds = ['resnet', 'mlp'] as const satisfies readonly NetworkConfig['kind'][];

/** What each setting means, for help texts; `default` is absent where the run's configuration must say. */
export const networkConfigs: Record<NetworkConfig['kind'], Record<string, { readonly meaning: string; readonly default?: unknown }>> = {
  resnet: {
    channels: { meaning: 'width of the trunk' },
    blocks: { meaning: 'residual blocks' },
    expansion: { meaning: '0: blocks of two 3x3 convolutions; n: MobileNet V2 blocks, n times as wide within', default: 0 },
    value: { meaning: "'tanh': one number; 'wdl': odds of win, draw and loss" },
    globalPooling: { meaning: 'every second block also sees the mean and maximum over the board', default: false },
    policy: { meaning: "'planes': a convolution and the game's table; 'dense': a matrix; 'auto': planes where the game has them", default: 'auto' },
    policyChannels: { meaning: 'channels handed to a dense policy', default: 16 },
    valueChannels: { meaning: 'channels handed to the value layers', default: 8 },
    valueHidden: { meaning: "width of the value head's hidden layer", default: 64 },
    identityStart: { meaning: 'blocks start as the identity', default: true },
    auxiliary: { meaning: 'further things to learn: reply, soft, ownership, pliesLeft', default: {} },
  },
  mlp: {
    hidden: { meaning: 'widths of the hidden layers' },
    value: { meaning: "'tanh': one number; 'wdl': odds of win, draw and loss" },
    auxiliary: { meaning: 'further things to learn: reply, soft, ownership, pliesLeft', default: {} },
  },
};

/** The network for a game's planes [channels, height, width] and number of actions. Throws UserError on a bad setting. */
export function createNetwork(config: NetworkConfig, input: Network['input']): Network {
  const [channels, height, width] = input.planes;
  for (const [what, n] of Object.entries({ channels, height, width, actions: input.actions })) positive(`input ${what}`, n);
  if (!valueKinds.includes(config.value)) throw unknown('value head', String(config.value), valueKinds);
  switch (config.kind) {
    case 'resnet':
      if (!policyKinds.includes(config.policy ?? 'auto')) throw unknown('policy head', String(config.policy), policyKinds);
      checkPolicyPlanes(config.policy, input);
      for (const key of ['channels', 'blocks', 'policyChannels', 'valueChannels', 'valueHidden'] as const) positive(`network ${key}`, config[key] ?? 1);
      if (!Number.isInteger(config.expansion ?? 0) || (config.expansion ?? 0) < 0) throw new UserError('usage', `network expansion is ${config.expansion}; it must be a whole number of at least 0`);
      return createResnet(config, input);
    case 'mlp':
      config.hidden.forEach((n, i) => positive(`network hidden[${i}]`, n));
      return createMlp(config, input);
    default:
      throw unknown('network kind', String((config satisfies never as NetworkConfig).kind), networkKinds);
  }
}

function checkPolicyPlanes(policy: ResnetConfig['policy'], { planes: [, height, width], actions, policyPlanes }: NetworkInput): void {
  if (policyPlanes === undefined) {
    if (policy === 'planes') throw new UserError('usage', "network policy 'planes' needs a game that says where its actions stand in planes (policyPlanes); choose 'dense' or 'auto'");
    return;
  }
  const { count, gather } = policyPlanes;
  const fits = gather.length === actions && new Set(gather).size === actions && gather.every((place) => place >= 0 && place < count * height * width);
  if (!fits) throw new UserError('usage', `the game's policyPlanes must name a place of its own in ${count} planes of ${height} x ${width} for each of ${actions} actions`);
}

function positive(what: string, n: number): void {
  if (!Number.isInteger(n) || n < 1) throw new UserError('usage', `${what} is ${n}; it must be a whole number of at least 1`);
}

/** How many numbers training changes; running statistics not counted. */
export function parameterCount(network: Network): number {
  return network.parameters.filter((spec) => spec.kind !== 'statistic').reduce((sum, spec) => sum + spec.shape.reduce((a, b) => a * b, 1), 0);
}
