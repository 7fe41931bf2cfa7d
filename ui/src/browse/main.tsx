import '../key/key.css';
import '../base.css';
import './browse.css';
import './details/details.css';

import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';

import { KeyDialog } from '../key/dialog';
import { App } from './app';
import { client } from './data/client';

createRoot(document.getElementById('root') as HTMLElement).render(
  <Provider value={client}>
    <App />
    <KeyDialog />
  </Provider>,
);
