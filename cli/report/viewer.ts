/** The report's one script: steps through the games that lie in the page as JSON. It knows no rules. */
export const viewer = String.raw`
(() => {
  const data = JSON.parse(document.getElementById('games').textContent);
  const at = (id) => document.getElementById(id);
  const [choice, board, said, moves] = ['game', 'board', 'said', 'moves'].map(at);
  const glyphs = { K: '♔', Q: '♕', R: '♖', B: '♗', N: '♘', P: '♙', k: '♚', q: '♛', r: '♜', b: '♝', n: '♞', p: '♟' };
  let game = data.games[0];
  let ply = 0;
  const percent = (share) => Math.round(100 * share) + ' %';
  const node = (name, attributes, text) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const drawGrid = (cells, before) => {
    const { columns, rows } = data.grid;
    const svg = node('svg', { viewBox: '0 0 ' + columns + ' ' + rows, class: 'board', role: 'img' });
    svg.append(node('rect', { width: columns, height: rows, rx: 0.15 }));
    const pieces = [...game.positions[0]].some((cell) => cell !== '.' && cell !== 'X' && cell !== 'O');
    [...cells].forEach((cell, i) => {
      const [x, y] = [(i % columns) + 0.5, Math.floor(i / columns) + 0.5];
      const fresh = before !== undefined && before[i] !== cell && cell !== '.' ? ' new' : '';
      const stone = cell === 'X' || cell === 'O';
      if (pieces) {
        svg.append(node('rect', { x: x - 0.5, y: y - 0.5, width: 1, height: 1, class: ((x + y) % 2 === 1 ? 'well' : '') + fresh }));
        if (cell !== '.') svg.append(node('text', { x, y, 'font-size': 0.85 }, glyphs[cell] || cell));
      } else if (cell === '.' || stone) {
        svg.append(node('circle', { cx: x, cy: y, r: 0.42, class: stone ? 'seat' + (cell === 'X' ? 0 : 1) + fresh : 'well' }));
        // Seats differ by shape too.
        if (cell === 'O') svg.append(node('circle', { cx: x, cy: y, r: 0.17, class: 'well' }));
      }
    });
    return svg;
  };
  const show = () => {
    const before = ply > 0 ? game.positions[ply - 1] : undefined;
    let drawn;
    if (data.grid !== null) drawn = drawGrid(game.positions[ply], before);
    else {
      drawn = document.createElement('pre');
      drawn.textContent = game.positions[ply];
    }
    const move = game.moves[ply - 1];
    const who = move === undefined ? '' : move.seat < 0 ? 'chance' : 'seat ' + (move.seat + 1);
    const words = move === undefined ? 'Start of the game, ' + game.moves.length + ' moves'
      : 'Move ' + ply + ' of ' + game.moves.length + ', ' + who + ': ' + move.name
        + (move.value === null ? ', not searched for learning' : '; search’s value for the first seat ' + (move.value > 0 ? '+' : '') + move.value.toFixed(2))
        + (move.share === null ? '' : ', share of the search’s policy ' + percent(move.share))
        + (ply === game.moves.length ? '. ' + (game.result > 0 ? 'The first seat has won.' : game.result < 0 ? 'The second seat has won.' : 'A draw.') : '');
    drawn.setAttribute('aria-label', words);
    board.replaceChildren(drawn);
    said.textContent = words;
    [...moves.children].forEach((item, i) => {
      if (i === ply) item.firstChild.setAttribute('aria-current', 'step');
      else item.firstChild.removeAttribute('aria-current');
    });
    // Not disabled: that would take the keyboard away from whoever has just pressed them.
    const ends = { first: ply === 0, back: ply === 0, next: ply === game.moves.length, last: ply === game.moves.length };
    for (const [id, end] of Object.entries(ends)) at(id).setAttribute('aria-disabled', String(end));
  };
  const go = (to) => {
    ply = Math.max(0, Math.min(game.moves.length, to));
    show();
  };
  const pick = (index) => {
    game = data.games[index];
    moves.replaceChildren(...[{ name: 'start' }, ...game.moves].map((move, i) => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = i === 0 ? move.name : i + '. ' + move.name;
      button.onclick = () => go(i);
      item.append(button);
      return item;
    }));
    go(0);
  };
  choice.onchange = () => pick(Number(choice.value));
  at('first').onclick = () => go(0);
  at('back').onclick = () => go(ply - 1);
  at('next').onclick = () => go(ply + 1);
  at('last').onclick = () => go(game.moves.length);
  at('viewer').addEventListener('keydown', (event) => {
    if (event.target === choice || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowLeft: ply - 1, ArrowRight: ply + 1, Home: 0, End: game.moves.length }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  pick(0);
})();
`;
