/** Starts the app. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './shell/App';
import { registerOffline } from './shell/offline';
import { applyTheme } from './shell/settings';
import { server } from './world/server';
import './styles/base.css';
import './styles/app.css';
import './styles/parts.css';

applyTheme();
void server.ask();
registerOffline();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
