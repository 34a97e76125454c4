/** Which processors ONNX Runtime can use here, and the session options for each. */
import { existsSync } from 'node:fs';
import { InferenceSession, env, listSupportedBackends } from 'onnxruntime-node';
import { UserError, unknown } from '#engine';

export const devices = ['cpu', 'webgpu', 'cuda'] as const;
// Every failure is thrown as well: the runtime need not also print it.
env.logLevel = 'fatal';

/** Where a model runs. */
export type Device = (typeof devices)[number];
/** 'auto' takes the first of cuda, webgpu and cpu that works. */
export type DeviceChoice = Device | 'auto';

export interface DeviceReport {
  readonly device: Device;
  readonly available: boolean;
  /** One line: what it is, or why it cannot be used. */
  readonly detail: string;
}

/** A text from the command line or a config as a device. Throws UserError('usage') with the nearest one. */
export function parseDevice(text: string): DeviceChoice {
  const all: readonly DeviceChoice[] = [...devices, 'auto'];
  const found = all.find((device) => device === text);
  if (found === undefined) throw unknown('device', text, all);
  return found;
}

/**
 * Threads are explicit, because a pool per worker thread would otherwise take every core; they do not spin while idle,
 * because spinning pools cost two to three times where the cores are shared.
 */
export function sessionOptions(device: Device, threads: number): InferenceSession.SessionOptions {
  if (!Number.isInteger(threads) || threads < 1) throw new UserError('usage', `threads must be a whole number of at least 1, not ${threads}`);
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: true,
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
}

/** The smallest model there is: what a provider cannot load, it cannot run. */
async function probe(): Promise<Uint8Array> {
  // Loaded only here: most threads never ask, and TensorFlow.js takes half a second and 50 MB.
  const { lower } = await import('#engine/nn');
  const input = { id: 0, operation: { kind: 'input', name: 'x' }, inputs: [], shape: [1], dtype: 'float32' } as const;
  const sum = { id: 1, operation: { kind: 'binary', function: 'add' }, inputs: [input, input], shape: [1], dtype: 'float32' } as const;
  return lower({ inputs: [input], outputs: [{ name: 'y', node: sum }] }, 'probe', { convolutions: 'nchw' }).finish();
}

const GPU_FILES = ['/dev/dri', '/dev/nvidia0', '/dev/dxg'];

const reports = new Map<Device, Promise<DeviceReport>>();

async function examine(device: Device): Promise<DeviceReport> {
  if (device === 'cpu') return { device, available: true, detail: 'ONNX Runtime on the processor' };
  if (!listSupportedBackends().some((backend) => backend.name === device)) return { device, available: false, detail: `this build of onnxruntime-node (${process.platform} ${process.arch}) has no ${device} provider` };
  // Without a GPU the providers' libraries write to the terminal before they fail.
  if (process.platform === 'linux' && !GPU_FILES.some((path) => existsSync(path))) return { device, available: false, detail: `this machine shows no GPU (none of ${GPU_FILES.join(', ')})` };
  try {
    // With no fallback listed, a provider that does not start is an error rather than a quiet change to the CPU.
    const session = await InferenceSession.create(await probe(), { ...sessionOptions(device, 1), executionProviders: [device] });
    await session.release();
    return { device, available: true, detail: `ONNX Runtime's ${device} provider` };
  } catch (error) {
    return { device, available: false, detail: firstLine(error) };
  }
}

/** What an error of the runtime says, on one line. */
export function firstLine(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n')[0].trim();
  // The runtime puts the place in its own sources first.
  return line.replace(/^.*\bwas false\. /, '').slice(0, 200);
}

function reportOf(device: Device): Promise<DeviceReport> {
  let report = reports.get(device);
  if (!report) reports.set(device, (report = examine(device)));
  return report;
}

/** Every device, tried out once per thread. */
export function availableDevices(): Promise<DeviceReport[]> {
  return Promise.all(devices.map(reportOf));
}

const ADVICE: Record<Device, string> = {
  cpu: '',
  webgpu: 'it needs a GPU with a Vulkan, Metal or Direct3D 12 driver',
  cuda: "it needs an NVIDIA GPU, CUDA 12 with cuDNN 9 on the library path, and onnxruntime-node's CUDA libraries (ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node)",
};

/** The device to use. Throws UserError('environment') when the one asked for does not work here. */
export async function chooseDevice(choice: DeviceChoice): Promise<Device> {
  if (choice === 'auto') {
    for (const device of ['cuda', 'webgpu'] as const) if ((await reportOf(device)).available) return device;
    return 'cpu';
  }
  const report = await reportOf(choice);
  if (!report.available) throw new UserError('environment', `the device '${choice}' cannot be used: ${report.detail}; ${ADVICE[choice]}. Use --device cpu, or auto for what there is`);
  return choice;
}
