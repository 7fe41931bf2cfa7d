import './workers';
import 'graphiql/graphiql.css';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import './style.css';
import './key/key.css';
import './timeline/timeline.css';
import './report/report.css';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { EditorOptions } from './editor-options';
import { EXAMPLES } from './examples';
import favicon from './favicon.svg';
import { fetcher } from './fetcher';
import { KeyDialog } from './key/dialog';
import { isNarrow, isWide, narrowPanel } from './layout';
import { EXAMPLES_PLUGIN } from './plugins/examples';
import { ReportPanel } from './report/panel';

const PLUGINS = [EXAMPLES_PLUGIN, explorerPlugin({ showAttribution: false }), HISTORY_PLUGIN];

narrowPanel();
createRoot(document.getElementById('root') as HTMLElement).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={PLUGINS}
    visiblePlugin={isWide() ? EXAMPLES_PLUGIN : undefined}
    defaultTabs={EXAMPLES.slice(0, 1)}
    defaultEditorToolsVisibility={isNarrow() ? false : 'variables'}
  >
    <GraphiQL.Logo>
      <a href="/browse">
        <img src={favicon} alt="" width="22" height="22" />
        <span>Browse</span>
      </a>
    </GraphiQL.Logo>
    <GraphiQL.Footer>
      <ReportPanel />
    </GraphiQL.Footer>
    <EditorOptions />
    <KeyDialog />
  </GraphiQL>,
);
