import '../key/key.css';
import '../base.css';
import '../traces/traces.css';
import './jobs.css';

import { createRoot } from 'react-dom/client';

import favicon from '../favicon.svg';
import { KeyDialog } from '../key/dialog';
import { PageLinks } from '../page-links';
import { JobsPage } from './jobs-page';

createRoot(document.getElementById('root') as HTMLElement).render(
  <>
    <header className="top">
      <a className="brand" href="/jobs">
        <img src={favicon} alt="" width="22" height="22" /> Marquee jobs
      </a>
      <PageLinks here="/jobs" />
    </header>
    <JobsPage />
    <KeyDialog />
  </>,
);
