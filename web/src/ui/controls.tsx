/** Small parts used on several pages. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { ChevronIcon, DrawIcon, LossIcon, WinIcon } from './icons.js';

export interface Choice<T extends string> { readonly value: T; readonly label: ComponentChildren; readonly disabled?: boolean }

/** A few choices side by side: radio buttons, so arrow keys and screen readers work as people know them. */
export function Segments<T extends string>({ legend, value, choices, onChange, small, wide, hideLegend }: {
  legend: string; value: T; choices: readonly Choice<T>[]; onChange: (value: T) => void; small?: boolean; wide?: boolean; hideLegend?: boolean;
}) {
  const name = useId();
  return (
    <fieldset class="field">
      <legend class={hideLegend ? 'unseen' : undefined}>{legend}</legend>
      <div class={`segments${small ? ' small' : ''}${wide ? ' wide' : ''}`}>
        {choices.map((choice) => (
          <label key={choice.value}>
            <input type="radio" name={name} checked={choice.value === value} disabled={choice.disabled} onChange={() => onChange(choice.value)} />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Select({ label, value, onChange, children, hideLabel }: { label: string; value: string; onChange: (value: string) => void; children: ComponentChildren; hideLabel?: boolean }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={hideLabel ? 'unseen' : undefined}>{label}</label>
      <div class="select-wrap">
        <select id={id} class="select" value={value} onChange={(event) => onChange(event.currentTarget.value)}>{children}</select>
        <ChevronIcon />
      </div>
    </div>
  );
}

const verdictIcons = { win: <WinIcon />, draw: <DrawIcon />, loss: <LossIcon /> };
const verdictTexts = { win: 'Win', draw: 'Draw', loss: 'Loss' };

export function VerdictChip({ verdict, title }: { verdict: 'win' | 'draw' | 'loss'; title?: string }) {
  return <span class={`chip ${verdict}`} title={title}>{verdictIcons[verdict]}{verdictTexts[verdict]}</span>;
}
