import '../key/key.css';
import '../timeline/timeline.css';
import '../base.css';
import './traces.css';

import { createRoot } from 'react-dom/client';

import favicon from '../favicon.svg';
import { KeyDialog } from '../key/dialog';
import { PageLinks } from '../page-links';
import { ListPage } from './list-page';
import { follow, traceIdOf, usePath } from './router';
import { useRowKeys } from './row-keys';
import { TracePage } from './trace-page';

function App() {
  const id = traceIdOf(usePath());
  useRowKeys();
  return (
    <>
      <header className="top">
        <a className="brand" href="/traces" onClick={follow}>
          <img src={favicon} alt="" width="22" height="22" /> Marquee traces
        </a>
        <PageLinks here="/traces" />
      </header>
      {id === undefined ? <ListPage /> : <TracePage key={id} id={id} />}
      <KeyDialog />
    </>
  );
}

createRoot(document.getElementById('root') as HTMLElement).render(<App />);
