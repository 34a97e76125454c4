/**
 * The native TensorFlow.js backends for the eager path. They are optional peers, loaded by name: their install downloads
 * libtensorflow, hundreds of megabytes, and fails without a network, so that they must never be ordinary dependencies.
 */
import { UserError, unknown } from '#engine';

export const nativePackages = ['tfjs-node-gpu', 'tfjs-node'] as const;
export type NativePackage = (typeof nativePackages)[number];

/** Imports a module by name; a test hands in its own. */
export type ImportModule = (name: string) => Promise<unknown>;

/**
 * Loads `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node` and starts the backend that it registers. Returns that
 * backend's name, for `createEagerTrainer` and `createEagerInference`. Throws UserError('environment') when the package
 * is not installed, does not load here (no CUDA, another processor) or registers nothing.
 */
export async function loadNativeBackend(name: NativePackage, importModule: ImportModule = (module) => import(module)): Promise<string> {
  if (!nativePackages.includes(name)) throw unknown('native backend', name, nativePackages);
  const packageName = `@tensorflow/${name}`;
  try {
    await importModule(packageName);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    const first = String(message ?? error).split('\n')[0].trim();
    // The package itself may be missing, or be there and lack something of its own.
    if ((code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && first.includes(packageName)) {
      throw new UserError('environment', `${packageName} is not installed; run 'npm install ${packageName}@4.22.0', or leave it out to use the built-in runtime`);
    }
    throw new UserError('environment', `${packageName} is installed but does not load here: ${first}`);
  }
  // Both packages register themselves under this name, on the core that this program also uses.
  const { openBackend } = await import('#engine/nn');
  await openBackend('tensorflow');
  return 'tensorflow';
}
