/** From PATH to a model that MuZero learned, and to searches of it. */
import { z } from 'zod';
import { type Game, Planner, UserError } from '#engine';
import { type OpenWorldModel, openWorldModel } from '#engine/node';
import { readMore } from '#selfplay/checkpoint';
import { type ModelOptions, resolveModel } from './model.js';
import type { ModelReference } from './spec.js';

/** What a checkpoint says of how its model is searched. */
const plannerSchema = z.strictObject({
  considered: z.number().int().min(1),
  valueScale: z.number().positive(),
  exploration: z.number().positive(),
  discount: z.number().min(0).max(1),
});

export type PlannerSettings = z.infer<typeof plannerSchema>;

export interface LearnedModel {
  readonly model: OpenWorldModel;
  readonly settings: PlannerSettings;
}

/** Throws UserError: as `resolveModel`, and 'usage' when the checkpoint holds no learned model of the game. */
export async function openLearnedModel(reference: ModelReference, game: Pick<Game, 'id' | 'version'>, options: ModelOptions): Promise<LearnedModel> {
  const { path } = resolveModel(reference, game);
  const shown = reference.alias ?? reference.path;
  const [planner, representation, dynamics] = ['planner.json', 'model.onnx', 'dynamics.onnx'].map((name) => readMore(path, name));
  if (planner === undefined || representation === undefined || dynamics === undefined) {
    throw new UserError('usage', `'${shown}' holds no learned model: mz: plays what --algo muzero or gumbel-muzero trained; for others there are az: and policy:`);
  }
  const settings = plannerSchema.safeParse(JSON.parse(new TextDecoder().decode(planner)));
  if (!settings.success) throw new UserError('data', `'${shown}': planner.json: ${settings.error.issues[0].path.join('.')}: ${settings.error.issues[0].message}; use another checkpoint`);
  return { model: await openWorldModel(representation, dynamics, options), settings: settings.data };
}

/** What a planner must know of a game or task. */
export type PlannedGame = Pick<Game, 'actionCount' | 'planes'> & { readonly seats?: 1 | 2 };

/** Searches of up to `rows` positions together, without noise. */
export function createPlanner(game: PlannedGame, model: OpenWorldModel, settings: PlannerSettings, { sims, search }: { readonly sims: number; readonly search: 'gumbel' | 'puct' }, rows: number): Planner {
  const { considered, valueScale, exploration, discount } = settings;
  const seats = game.seats ?? 1;
  return new Planner(
    { actionCount: game.actionCount, seats, latentSize: model.latentSize, discount, measuredBounds: seats === 1 },
    search === 'gumbel' ? { kind: 'gumbel', simulations: sims, maxConsidered: considered, valueScale } : { kind: 'puct', simulations: sims, explorationInit: exploration },
    game.planes[0] * game.planes[1] * game.planes[2], rows,
  );
}
