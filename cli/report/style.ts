/** The report's looks, light and dark by the reader's system. */
export const style = `
:root{color-scheme:light dark;--paper:#f5f3ed;--surface:#fffefb;--line:#dfdacd;--ink:#1c2320;--muted:#59625d;--accent:#0b6a5a;--soft:#dcebe5;--second:#a8650c;--seat0:#e39a2d;--seat1:#3440a8;--board:#d9dde3;--well:#f5f3ed;--bad:#a5322a;--warn:#87500a}
@media(prefers-color-scheme:dark){:root{--paper:#121513;--surface:#1a1e1b;--line:#303630;--ink:#ebe8df;--muted:#a2aaa3;--accent:#5cc9b0;--soft:#1d3a33;--second:#f0b963;--seat0:#eba63b;--seat1:#7585f5;--board:#2b332f;--well:#151916;--bad:#f09488;--warn:#f0b963}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
main{max-width:1120px;margin:0 auto;padding:1.25rem clamp(.75rem,3vw,2rem) 4rem}
h1{font-size:clamp(1.5rem,4vw,2.2rem);line-height:1.15;margin:.4rem 0}h2{margin:2.2rem 0 .6rem;font-size:1.25rem}h3{margin:0;font-size:1rem}
p{margin:.3rem 0}.note,.muted{color:var(--muted);font-size:.85rem}
.card{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:.9rem 1rem;margin:0;min-width:0}
.grid-of{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}@media(max-width:34rem){dl{display:block}dd{margin:0 0 .4rem}}
pre,code{font:13px/1.45 ui-monospace,Menlo,Consolas,monospace}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.4rem 0;padding:.6rem .8rem;background:var(--paper);border-radius:8px}
svg{display:block;width:100%;height:auto;font:12px system-ui,sans-serif;fill:var(--muted)}.legend svg{display:inline;width:22px;height:6px;vertical-align:middle}
.legend{font-size:.85rem}.legend span{margin-right:1rem}
.curve0{stroke:var(--accent);stroke-width:2;fill:none}.curve1{stroke:var(--second);stroke-width:2;stroke-dasharray:6 4;fill:none}.curve2{stroke:var(--muted);stroke-width:2;stroke-dasharray:2 4;fill:none}.curve3{stroke:var(--seat1);stroke-width:2;stroke-dasharray:10 4 2 4;fill:none}.band{fill:var(--accent);fill-opacity:.18}.grid{stroke:var(--line)}
.scroll{overflow:auto;max-height:22rem}table{border-collapse:collapse;width:100%;font-size:.85rem;font-variant-numeric:tabular-nums}th,td{padding:.25rem .5rem;text-align:right;border-bottom:1px solid var(--line);font-weight:400;white-space:nowrap}thead th{color:var(--muted)}th[scope=row],.left{text-align:left}.wrap{white-space:normal;overflow-wrap:anywhere}.changed{font-weight:700}
summary{cursor:pointer;padding:.5rem 0;min-height:44px;display:flex;align-items:center;gap:.5rem}summary::before{content:'▸'}details[open]>summary::before{content:'▾'}
.shares{display:flex;height:28px;border-radius:8px;overflow:hidden;margin:.5rem 0}.shares span{min-width:1px}
.finding{border-left:4px solid var(--line);padding-left:.8rem;margin:.7rem 0}.finding.problem{border-color:var(--bad)}.finding.warning{border-color:var(--warn)}.finding.ok{border-color:var(--accent)}.level{font-weight:700}.problem .level{color:var(--bad)}.warning .level{color:var(--warn)}.ok .level{color:var(--accent)}
.viewer{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}
.viewer:focus-visible,button:focus-visible,select:focus-visible,.scroll:focus-visible,summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.board{max-width:26rem}.board rect{fill:var(--board)}.board .well{fill:var(--well)}.board .seat0{fill:var(--seat0)}.board .seat1{fill:var(--seat1)}.board .new{stroke:var(--ink);stroke-width:.06}.board rect.well{fill:var(--well)}.board text{fill:var(--ink);text-anchor:middle;dominant-baseline:central}
button,select{font:inherit;color:var(--ink);background:var(--surface);border:1px solid var(--muted);border-radius:9px;min-height:44px;min-width:44px;padding:0 .8rem}select{max-width:100%}
.steps{display:flex;flex-wrap:wrap;gap:.4rem;margin:.6rem 0}.moves{display:flex;flex-wrap:wrap;gap:.25rem;list-style:none;margin:0;padding:0;max-height:20rem;overflow:auto}.moves button{min-width:44px;padding:0 .4rem;font-size:.85rem}[aria-disabled=true]{opacity:.45}.moves [aria-current]{background:var(--accent);color:var(--paper)}
`;
