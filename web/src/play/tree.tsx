/** The search tree, to unfold: what the search tried below a position, most visited first. Keys as in any tree. */
import { useEffect, useState } from 'preact/hooks';
import type { Analysis, Seat, TreeNode } from '#arena/protocol';
import type { Client } from '../app/client.js';
import { PieceIcon } from '../board/piece.js';
import { compact, percent, signed } from '../ui/format.js';
import { rowsOf, withChildren, type Branches } from './branches.js';

export function SearchTree({ client, analysis, game }: { client: Client; analysis: Analysis; game: string }) {
  const { agent, ply, simulations } = analysis;
  const [branches, setBranches] = useState<Branches>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [loading, setLoading] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [focused, setFocused] = useState('');
  // The same question searches the same tree: as many simulations as the analysis had.
  const strength = simulations > 0 ? { simulations } : undefined;

  async function load(path: readonly number[]): Promise<void> {
    const key = path.join();
    setLoading(key);
    const answer = await client.tree(ply, agent, strength, path, 2);
    setLoading((now) => (now === key ? undefined : now));
    if ('refused' in answer) return setProblem(answer.refused);
    setProblem(undefined);
    setBranches((before) => withChildren(before, answer.path, answer.turn, answer.nodes));
  }

  useEffect(() => void load([]), []);

  function toggle(path: readonly number[], to: boolean): void {
    const key = path.join();
    setOpen((before) => {
      const next = new Set(before);
      if (to) next.add(key);
      else next.delete(key);
      return next;
    });
    if (to && !branches.has(key)) void load(path);
  }

  const rows = rowsOf(branches, open);
  const most = Math.max(1, ...rows.filter((row) => row.path.length === 1).map((row) => row.node.visits));
  const current = rows.some((row) => row.path.join() === focused) ? focused : (rows[0]?.path.join() ?? '');

  function onKeyDown(event: KeyboardEvent): void {
    const at = rows.findIndex((row) => row.path.join() === current);
    const row = rows[at];
    if (row === undefined) return;
    const parent = row.path.slice(0, -1).join();
    const isOpen = open.has(row.path.join());
    let to: string | undefined;
    switch (event.key) {
      case 'ArrowDown': to = rows[at + 1]?.path.join(); break;
      case 'ArrowUp': to = rows[at - 1]?.path.join(); break;
      case 'Home': to = rows[0].path.join(); break;
      case 'End': to = rows.at(-1)?.path.join(); break;
      case 'ArrowRight':
        if (row.node.children > 0 && !isOpen) toggle(row.path, true);
        else to = rows[at + 1]?.path.join();
        break;
      case 'ArrowLeft':
        if (isOpen) toggle(row.path, false);
        else to = parent;
        break;
      case 'Enter':
      case ' ':
        if (row.node.children > 0) toggle(row.path, !isOpen);
        break;
      default: return;
    }
    event.preventDefault();
    if (to === undefined || to === '') return;
    setFocused(to);
    const box = event.currentTarget as HTMLElement;
    box.querySelector<HTMLElement>(`[data-path="${to}"]`)?.focus();
  }

  if (problem !== undefined) return <p class="muted">{problem}</p>;
  if (rows.length === 0) return <p class="muted" role="status">{loading === undefined ? 'There is nothing below this position.' : 'Searching the same tree again …'}</p>;
  return (
    <div class="tree">
      <div class="tree-head small muted" aria-hidden="true"><span>Move</span><span>N</span><span>Q</span><span>P</span></div>
      <div role="tree" aria-label={`Search tree of ${analysis.agentName}`} onKeyDown={onKeyDown}>
        {rows.map(({ path, node, turn }) => {
          const key = path.join();
          const foldable = node.children > 0;
          return (
            <div
              key={key} data-path={key} role="treeitem" class="tree-row" aria-level={path.length} aria-expanded={foldable ? open.has(key) : undefined} tabIndex={key === current ? 0 : -1}
              style={{ '--depth': String(path.length - 1) }} onFocus={() => setFocused(key)} onClick={() => foldable && toggle(path, !open.has(key))}
            >
              <span class="tree-name"><Fold open={open.has(key)} shown={foldable} /><PieceIcon game={game} seat={(turn ?? 0) as Seat} size={14} /><strong>{node.name}</strong>{node.proven !== null && <span class="tag">{provenWord(node)}</span>}{loading === key && <span class="tag">…</span>}</span>
              <span class="tree-visits number"><span class="tree-bar" style={{ width: `${((node.visits / most) * 100).toFixed(1)}%` }} />{compact(node.visits)}<span class="unseen"> visits, </span></span>
              <span class="number"><span class="unseen">value </span>{signed(node.value ?? undefined)}</span>
              <span class="number muted"><span class="unseen">, prior </span>{percent(node.prior)}</span>
            </div>
          );
        })}
      </div>
      <p class="small muted">N: simulations that came through. Q: mean value for whoever makes the move. P: what the network would play at first sight.</p>
    </div>
  );
}

function provenWord(node: TreeNode): string {
  return node.proven === null ? '' : node.proven > 0 ? 'proved a win' : node.proven < 0 ? 'proved a loss' : 'proved a draw';
}

function Fold({ open, shown }: { open: boolean; shown: boolean }) {
  return <svg class="fold" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{shown && <path d={open ? 'M2 4l4 4 4-4' : 'M4 2l4 4-4 4'} />}</svg>;
}
