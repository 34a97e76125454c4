/** Line icons, 20 × 20, drawn here; they always stand beside words or carry a label on their button. */
import type { ComponentChildren } from 'preact';

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{children}</svg>
  );
}

export const PassIcon = () => <Icon><path d="m4.5 10.5 3.5 3.5 7.5-8" /></Icon>;
export const WarnIcon = () => <Icon><path d="M10 3 2.5 16.5h15zM10 8v4M10 14.2v.3" /></Icon>;
export const FailIcon = () => <Icon><path d="m5 5 10 10M15 5 5 15" /></Icon>;
export const UnknownIcon = () => <Icon><path d="M7 7.5a3 3 0 1 1 4.2 2.7c-.8.4-1.2.9-1.2 1.8M10 14.8v.3" /></Icon>;
export const NewIcon = () => <Icon><path d="M10 4v12M4 10h12" /></Icon>;
export const SwapIcon = () => <Icon><path d="M4 7h11l-3-3M16 13H5l3 3" /></Icon>;
export const BackIcon = () => <Icon><path d="M7 5 3.5 8.5 7 12" /><path d="M4 8.5h7.5a4 4 0 0 1 0 8H8" /></Icon>;
export const HintIcon = () => <Icon><path d="M7.5 15.5h5M8.5 18h3M10 2.5a5 5 0 0 0-3 9c.6.5 1 1.1 1 2h4c0-.9.4-1.5 1-2a5 5 0 0 0-3-9Z" /></Icon>;
export const FlagIcon = () => <Icon><path d="M5 17.5v-15M5 3.5h9.5L12.5 7l2 3.5H5" /></Icon>;
export const PlayIcon = () => <Icon><path d="M6.5 4v12l9.5-6z" fill="currentColor" /></Icon>;
export const PauseIcon = () => <Icon><path d="M7 4.5v11M13 4.5v11" stroke-width="3" /></Icon>;
export const ChevronIcon = () => <Icon><path d="m5 7.5 5 5 5-5" /></Icon>;
export const LeftIcon = () => <Icon><path d="m12 4.5-5.5 5.5L12 15.5" /></Icon>;
export const RightIcon = () => <Icon><path d="m8 4.5 5.5 5.5L8 15.5" /></Icon>;
export const FirstIcon = () => <Icon><path d="m14 4.5-5.5 5.5 5.5 5.5M5 4.5v11" /></Icon>;
export const LastIcon = () => <Icon><path d="m6 4.5 5.5 5.5L6 15.5M15 4.5v11" /></Icon>;
export const WinIcon = () => <Icon><path d="m4 10.5 4 4 8-9" stroke-width="2.4" /></Icon>;
export const DrawIcon = () => <Icon><path d="M4 7.5h12M4 12.5h12" stroke-width="2.4" /></Icon>;
export const LossIcon = () => <Icon><path d="m5 5 10 10M15 5 5 15" stroke-width="2.4" /></Icon>;
export const CloseIcon = LossIcon;
export const LinkIcon = () => <Icon><path d="M8.5 11.5a3.5 3.5 0 0 0 5 0l2.5-2.5a3.5 3.5 0 0 0-5-5L10 5M11.5 8.5a3.5 3.5 0 0 0-5 0L4 11a3.5 3.5 0 0 0 5 5l1-1" /></Icon>;
export const FlipIcon = () => <Icon><path d="M6 3.5v13l-3-3M14 16.5v-13l3 3" /></Icon>;
