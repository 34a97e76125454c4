import { render } from 'preact';
import './styles/base.css';
import './styles/board.css';
import './styles/play.css';
import './styles/home.css';
import { App } from './app/app.js';
import { createClient } from './app/client.js';

const root = document.getElementById('app');
if (root !== null) render(<App client={createClient(location, localStorage)} />, root);
