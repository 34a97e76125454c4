import { render } from 'preact';
import { OFFLINE_META } from '#arena/protocol';
import './styles/base.css';
import './styles/board.css';
import './styles/play.css';
import './styles/home.css';
import { App } from './app/app.js';
import { createClient, type Client } from './app/client.js';

const root = document.getElementById('app');
const show = (client: Client) => root !== null && render(<App client={client} />, root);

// The export writes this element into the page: then there is no server, and what stands in for it is loaded.
if (document.querySelector(`meta[name="${OFFLINE_META}"]`) === null) {
  show(createClient(location, localStorage));
} else {
  import('./offline/start.js').then(({ startOffline }) => startOffline(location, localStorage)).then(show, (error: Error) => {
    if (root !== null) render(<main class="page"><section class="empty"><h1>This page cannot start</h1><p role="alert">{error.message}</p></section></main>, root);
  });
}
