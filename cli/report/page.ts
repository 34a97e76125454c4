/** A run as one HTML page that needs nothing else: no request leaves it, and its own policy would not let one. */
import type { Diagnosis, Finding } from '#selfplay/diagnose';
import { count, duration, percent } from '../output.js';
import { escapeHtml as e, lineChart } from '../plot/chart.js';
import type { Report } from './collect.js';
import { clock, plots } from './plots.js';
import { style } from './style.js';
import { viewer } from './viewer.js';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export function reportPage(report: Report): string {
  const { name, game, info } = report;
  const title = `${name}: ${game}, ${info.algorithm}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${e(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="muted">A run of Ludus</p>
<h1>${e(title)}</h1>
${summary(report)}
${report.diagnosis === undefined ? '' : diagnosisSection(report.diagnosis)}
<h2>Curves</h2>
<div class="grid-of">
${plots(report) || '<p>There are no figures yet.</p>'}
</div>
${timeSection(report)}
${gamesSection(report)}
${episodesSection(report)}
${checkpointsSection(report)}
${settingsSection(report)}
<p class="note">Made ${e(report.made)} by ludus ${e(report.version)}.</p>
</main>
${report.games.games.length === 0 ? '' : `<script type="application/json" id="games">${JSON.stringify(report.games).replaceAll('<', '\\u003c')}</script>\n<script>${viewer}</script>`}
</body>
</html>
`;
}

function summary({ info, command, checkpoints }: Report): string {
  const selfPlay = info.algorithm === 'alphazero';
  const rows: [string, string][] = [
    ['time in training', `${duration(info.elapsedSeconds)} in ${info.sittings} sitting${info.sittings === 1 ? '' : 's'}`],
    [selfPlay ? 'games' : 'episodes', count(info.games)],
    [selfPlay ? 'positions' : 'frames', count(info.positions)],
    ['optimiser steps', count(info.steps)],
    ['begun', info.created],
    ['machine', info.machine ?? 'not recorded: the run is older than this'],
    ['version', `${info.version === undefined ? 'not recorded' : `ludus ${info.version}`}; ${info.game.id} version ${info.game.version}`],
    ...(info.from === undefined ? [] : [['began from', info.from] as [string, string]]),
    ...(checkpoints.length === 0 ? [] : [['newest checkpoint', `${checkpoints[checkpoints.length - 1].id}, ${checkpoints[checkpoints.length - 1].file} sha256 ${checkpoints[checkpoints.length - 1].sha256}`] as [string, string]]),
  ];
  return `<div class="card"><dl>${rows.map(([term, text]) => `<dt>${e(term)}</dt><dd>${e(text)}</dd>`).join('')}</dl>
<p class="note">The same settings again:</p><pre><code>${e(command)}</code></pre></div>`;
}

function timeSection({ time }: Report): string {
  if (time === undefined) return '';
  const parts = Object.entries(time.parts).filter(([, seconds]) => seconds > 0).sort((a, b) => b[1] - a[1]);
  const tint = (part: string, i: number): string => (part === 'idle' ? 'background:var(--bad)' : `background:var(--accent);opacity:${(1 - 0.7 * (i / Math.max(1, parts.length))).toFixed(2)}`);
  return `<h2>Where the time went</h2>
<div class="card"><div class="shares" role="img" aria-label="${e(parts.map(([part, seconds]) => `${part} ${percent(seconds / time.total)}`).join(', '))}">${parts.map(([part, seconds], i) => `<span title="${e(part)}" style="flex:${(seconds / time.total).toFixed(5)};${tint(part, i)}"></span>`).join('')}</div>
<div class="scroll" tabindex="0" role="region" aria-label="Time by part"><table><thead><tr><th scope="col" class="left">part</th><th scope="col">thread time</th><th scope="col">share</th></tr></thead><tbody>${parts.map(([part, seconds]) => `<tr><th scope="row">${e(part)}</th><td>${duration(seconds)}</td><td>${percent(seconds / time.total)}</td></tr>`).join('')}</tbody></table></div>
<p class="note">Of all threads of the run, by the clock; idle: a thread waited for work. The process had ${duration(time.processor)} of processor time in ${duration(time.elapsed)}. Actors rested for the learner ${duration(time.lagging)}.</p></div>`;
}

function gamesSection({ games: { games } }: Report): string {
  if (games.length === 0) return '';
  const options = games.map(({ when, step, result, moves }, i) => `<option value="${i}">${when}, weights of step ${step}: ${moves.length} moves, ${result > 0 ? 'first seat won' : result < 0 ? 'second seat won' : 'draw'}</option>`);
  return `<h2>Games</h2>
<div class="card viewer" id="viewer" tabindex="0" role="group" aria-label="Game viewer; arrow keys step through the moves">
<div><label for="game">Game </label><select id="game">${options.join('')}</select>
<div class="steps"><button type="button" id="first" aria-label="First position">|◀</button><button type="button" id="back" aria-label="Back">◀</button><button type="button" id="next" aria-label="Next">▶</button><button type="button" id="last" aria-label="Last position">▶|</button></div>
<p id="said" aria-live="polite"></p>
<ol class="moves" id="moves"></ol></div>
<div id="board"></div>
</div>
<p class="note">The first games of the store and the newest. Some begin with random moves, which are not searched. Keys: ← → Home End.</p>`;
}

/** Of a task: its episodes are not stored, their returns are. */
function episodesSection({ info, series }: Report): string {
  const returns = series.get('return');
  if (info.algorithm === 'alphazero' || returns === undefined) return '';
  const best = returns.values.reduce((a, b) => Math.max(a, b), -Infinity);
  return `<h2>Episodes</h2><div class="card"><p>${count(info.games)} episodes; mean return of the last 100 at the end ${returns.values[returns.values.length - 1].toFixed(2)}${returns.errors === undefined ? '' : ` ± ${returns.errors[returns.errors.length - 1].toFixed(2)}`}, at best ${best.toFixed(2)}. Single episodes of a task are not stored: <code>ludus eval</code> plays new ones.</p></div>`;
}

function checkpointsSection({ checkpoints }: Report): string {
  if (checkpoints.length === 0) return '';
  const elo = ({ rating }: Report['checkpoints'][number]): string => (rating === null ? '' : `${rating.elo.toFixed(0)} ± ${rating.error.toFixed(0)}`);
  return `<h2>Checkpoints</h2>
<div class="card scroll" tabindex="0" role="region" aria-label="Checkpoints"><table><thead><tr><th scope="col" class="left">step</th><th scope="col">time</th><th scope="col">games</th><th scope="col">keeps the result</th><th scope="col">Elo</th><th scope="col" class="left">sha256 of what plays</th></tr></thead><tbody>${
    [...checkpoints].reverse().map((c) => `<tr><th scope="row">${c.step}</th><td>${clock(c.elapsed)}</td><td>${count(c.games)}</td><td>${c.outcome === null ? '' : percent(c.outcome)}</td><td>${elo(c)}</td><td class="left"><code>${c.sha256}</code></td></tr>`).join('')}</tbody></table></div>`;
}

function settingsSection({ settings }: Report): string {
  return `<h2>Settings</h2><details class="card"><summary>All ${settings.length} settings; bold: not the default</summary><table><tbody>${
    settings.map(({ name, value, changed }) => `<tr${changed ? ' class="changed"' : ''}><th scope="row"><code>${e(name)}</code></th><td class="left wrap">${e(value)}</td></tr>`).join('')}</tbody></table></details>`;
}

function diagnosisSection({ findings, reliability, step }: Diagnosis): string {
  const order: Record<Finding['level'], number> = { problem: 0, warning: 1, unknown: 2, ok: 3 };
  const sorted = [...findings].sort((a, b) => order[a.level] - order[b.level]);
  const one = (f: Finding): string => `<div class="finding ${f.level}"><h3><span class="level">${f.level}</span> · ${e(f.title)}</h3><p>${e(f.meaning)}${f.change === undefined ? '' : ` <b>${e(f.change)}</b>`}</p><p class="note">Measured: ${e(f.measured)}. Wanted: ${e(f.threshold)}.</p></div>`;
  return `<h2>Diagnosis at step ${count(step)}</h2><div class="card">${sorted.map(one).join('')}${reliability.length === 0 ? '' : reliabilityPlot(reliability)}</div>`;
}

function reliabilityPlot(bins: Diagnosis['reliability']): string {
  // Shifted by one, so that the axis begins at the least value.
  const chart = lineChart({
    curves: [{ x: [0, 2], y: [-1, 1], look: 'class="grid"' }, { x: bins.map(({ value }) => value + 1), y: bins.map(({ outcome }) => outcome), look: 'class="curve0"', dots: true }],
    width: 420, height: 300, formatX: (v) => (v - 1).toFixed(1), formatY: (v) => v.toFixed(1), nameX: 'value that the network gave', grid: 'class="grid"',
  });
  const told = bins.map(({ value, outcome, positions }) => `${value.toFixed(2)}: ${outcome.toFixed(2)} (${positions} positions)`).join('; ');
  return `<h3>Promise and outcome</h3><svg class="board" viewBox="0 0 420 300" role="img" aria-label="Mean outcome by value: ${e(told)}">${chart}</svg><p class="note">Mean outcome of positions by the value that the network gave them; honest values lie on the straight line.</p>`;
}
