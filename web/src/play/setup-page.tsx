/** Choosing an opponent: a few ready-made ones first, then the whole catalogue with its strength. */
import { lazy, Suspense } from 'preact/compat';
import { useState } from 'preact/hooks';
import type { AgentView, ClockRule, Strength } from '#arena/protocol';
import type { Client } from '../app/client.js';
import { navigate } from '../app/router.js';
import type { AppState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { GamePicture, canDraw } from '../board/game-board.js';
import { Segments, Select } from '../ui/controls.js';
import { PlayIcon } from '../ui/icons.js';
import { count } from '../ui/format.js';
import { clockRules, type ClockChoice } from './clock-text.js';
import { beginners, defaultPreset, groupsOf, presetsOf, ratingText, seatsFor, simulationsToSlider, sliderToSimulations, type Begins, type Opponent } from './opponents.js';

/** Positions and games that people bring, with the rules. */
const ChessStart = lazy(() => import('../board/chess/start-card.js').then((m) => m.StartCard));

const beginsNames: Record<Begins, string> = { me: 'I begin', them: 'They begin', chance: 'By chance' };

const chessSides: Record<Begins, string> = { me: 'White', them: 'Black', chance: 'By chance' };

export function coin(): boolean {
  return crypto.getRandomValues(new Uint8Array(1))[0] < 128;
}

/** Opens a room and goes there; says why when it cannot. */
export async function startGame(client: Client, game: string, opponent: Opponent, begins: Begins, clock?: ClockRule, setup?: string): Promise<string | undefined> {
  const answer = await client.createRoom(game, seatsFor(opponent, begins, coin()).map((seat) => ({ ...seat, clock })), setup);
  if ('refused' in answer) return answer.refused;
  navigate({ page: 'room', roomId: answer.roomId });
  return undefined;
}

export function SetupPage({ client, gameId, agent }: { client: Client; gameId: string; agent?: string }) {
  const games = useStore(client.store, (s: AppState) => s.games);
  const agents = useStore(client.store, (s: AppState) => s.agents);
  const limits = useStore(client.store, (s: AppState) => s.limits);
  const connected = useStore(client.store, (s: AppState) => s.connection === 'open');
  const game = games.find((g) => g.id === gameId);
  const presets = presetsOf(agents, gameId);
  const [who, setWho] = useState<string | undefined>(agent === undefined ? undefined : 'exact');
  const [exact, setExact] = useState(agent);
  const [strength, setStrength] = useState<Strength>();
  const [begins, setBegins] = useState<Begins>('me');
  const [clock, setClock] = useState<ClockChoice>('none');
  const [problem, setProblem] = useState<string>();
  /** null: none that could be played from. */
  const [setup, setSetup] = useState<string | null | undefined>();

  if (game === undefined || !canDraw(gameId)) {
    if (!connected) return <p class="muted" role="status">Waiting for the server …</p>;
    return <section class="empty"><h1>No such game here</h1><p>There is no board for “{gameId}”.</p><a class="button primary" href="#/">See the games</a></section>;
  }

  const chosen = who ?? defaultPreset(presets)?.id ?? 'here';
  const groups = groupsOf(agents, gameId);
  const exactAgent = agents.find((a) => a.id === exact && a.game === gameId) ?? groups[0]?.agents[0];
  const preset = presets.find((p) => p.id === chosen);

  function opponent(): Opponent | undefined {
    if (chosen === 'here') return { kind: 'here' };
    if (chosen === 'link') return { kind: 'link' };
    if (preset !== undefined) return { kind: 'agent', agent: preset.agent.id, strength: preset.strength };
    return exactAgent === undefined ? undefined : { kind: 'agent', agent: exactAgent.id, strength: exactAgent.simulations === null ? undefined : strength };
  }

  async function play(): Promise<void> {
    const against = opponent();
    if (against === undefined) return setProblem('Choose an opponent first.');
    if (setup === null) return setProblem('The game cannot begin from this position.');
    setProblem(await startGame(client, gameId, against, begins, clockRules.find((c) => c.id === clock)?.rule, setup));
  }

  const people: { id: string; title: string; description: string }[] = [
    { id: 'here', title: 'A friend, here', description: 'Two people on this screen.' },
    ...(client.offline ? [] : [{ id: 'link', title: 'A friend, by link', description: 'Send the address of the game; whoever opens it may sit down.' }]),
    { id: 'exact', title: 'Choose exactly', description: 'Any agent or checkpoint, at any strength.' },
  ];
  return (
    <div class="setup">
      <div class="stack">
        <h1>{game.name}</h1>
        <form class="stack" onSubmit={(event) => { event.preventDefault(); void play(); }}>
          <fieldset class="field">
            <legend>Opponent</legend>
            <div class="options">
              {[...presets.map((p) => ({ ...p, rating: ratingText(p.agent) })), ...people].map((option) => (
                <label class="option" key={option.id}>
                  <input type="radio" name="who" checked={chosen === option.id} onChange={() => setWho(option.id)} />
                  <span>
                    <span class="spread"><strong>{option.title}</strong>{'rating' in option && option.rating !== undefined && <span class="small muted number"><span class="unseen">rating </span>{option.rating}</span>}</span>
                    <span class="small muted">{option.description}</span>
                  </span>
                </label>
              ))}
            </div>
            {presets.some((p) => p.agent.rating !== undefined) && (
              <p class="small muted">Ratings were measured in games between the agents: random play is 0, and 200 more means winning three games of four. ± is the 95 % margin.</p>
            )}
          </fieldset>
          {chosen === 'exact' && exactAgent !== undefined && (
            <div class="card stack">
              <Select label="Agent" value={exactAgent.id} onChange={(id) => { setExact(id); setStrength(undefined); }}>
                {groups.map((group) => (
                  <optgroup key={group.title} label={group.title}>
                    {group.agents.map((a) => <option key={a.id} value={a.id}>{a.name}</option>)}
                  </optgroup>
                ))}
              </Select>
              <p class="small muted">{exactAgent.description}{exactAgent.rating !== undefined && ` Rating ${ratingText(exactAgent)}, measured in ${count(exactAgent.rating.games)} games.`}</p>
              <StrengthField agent={exactAgent} limits={limits} strength={strength} onChange={setStrength} />
            </div>
          )}
          {chosen !== 'here' && <Segments legend={gameId === 'chess' ? 'Your side' : 'Who begins'} value={begins} choices={beginners.map((value) => ({ value, label: (gameId === 'chess' ? chessSides : beginsNames)[value] }))} onChange={setBegins} />}
          {!client.offline && (
            <Select label="Clock (minutes + seconds for each move)" value={clock} onChange={(id) => setClock(clockRules.find((c) => c.id === id)?.id ?? 'none')}>
              {clockRules.map(({ id, label }) => <option key={id} value={id}>{label}</option>)}
            </Select>
          )}
          {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
          <div><button type="submit" class="button primary large" disabled={!connected}><PlayIcon />Play</button></div>
        </form>
      </div>
      {gameId === 'chess'
        ? <Suspense fallback={<p class="muted" role="status">Loading …</p>}><ChessStart onSetup={setSetup} /></Suspense>
        : <div class="setup-picture" aria-hidden="true"><GamePicture game={gameId} setup={null} actions={demo(gameId)} /></div>}
    </div>
  );
}

/** A position to look at on a card; all are real ones. Chess has its own set-up: Morphy's game of 1858, before the end. */
export function demo(gameId: string): number[] {
  if (gameId === 'chess') return [];
  return gameId === 'tic-tac-toe' ? [4, 0, 8, 2, 1, 7] : [3, 3, 3, 2, 4, 5, 2, 1, 3, 3, 4, 4, 2];
}

export const demoSetup = (gameId: string): string | null => (gameId === 'chess' ? '4kb1r/p2n1ppp/4q3/4p1B1/4P3/1Q6/PPP2PPP/2KR4' : null);

const STEPS = 60;

function StrengthField({ agent, limits, strength, onChange }: { agent: AgentView; limits: AppState['limits']; strength: Strength | undefined; onChange: (strength: Strength | undefined) => void }) {
  if (agent.simulations === null) return <p class="small muted">Its strength is fixed.</p>;
  const min = Math.max(1, agent.simulations.min);
  const max = Math.max(min, Math.min(agent.simulations.max, limits.simulations));
  const byTime = strength !== undefined && 'millis' in strength;
  const simulations = strength !== undefined && 'simulations' in strength ? strength.simulations : agent.simulations.default;
  const seconds = byTime ? strength.millis / 1000 : 1;
  const mostSeconds = Math.max(0.2, limits.millis / 1000);
  return (
    <div class="stack">
      <Segments legend="Strength by" value={byTime ? 'time' : 'simulations'} choices={[{ value: 'simulations', label: 'Simulations' }, { value: 'time', label: 'Time' }]}
        onChange={(kind) => onChange(kind === 'time' ? { millis: 1000 } : undefined)} />
      {byTime ? (
        <label class="slider">
          <span class="spread small"><span class="label">Seconds for each move</span><span class="number">{seconds.toFixed(1)} s</span></span>
          <input type="range" min="0.1" max={mostSeconds} step="0.1" value={seconds} onInput={(event) => onChange({ millis: Math.round(Number(event.currentTarget.value) * 1000) })} />
        </label>
      ) : (
        <label class="slider">
          <span class="spread small"><span class="label">Simulations for each move</span><span class="number">{count(simulations)}</span></span>
          <input type="range" min="0" max={STEPS} value={simulationsToSlider(simulations, STEPS, min, max)} aria-valuetext={`${count(simulations)} simulations`}
            onInput={(event) => onChange({ simulations: sliderToSimulations(Number(event.currentTarget.value), STEPS, min, max) })} />
        </label>
      )}
    </div>
  );
}
