import { render } from 'preact';

const root = document.getElementById('app');
if (root !== null) render(<main><h1>Ludus</h1><p>The application is loading.</p></main>, root);
