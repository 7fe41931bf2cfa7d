import favicon from '../favicon.svg';
import { PageLinks } from '../page-links';
import { resultsHref } from './address';
import { CollectionPage } from './details/collection-page';
import { MediaPage } from './details/media-page';
import { PersonPage } from './details/person-page';
import { ResultsPage } from './results/results-page';
import { follow, usePlace } from './router';
import { SearchBox } from './search/search-box';

export function App() {
  const { place, entry } = usePlace();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <a className="brand" href={resultsHref({})} onClick={follow}>
          <img src={favicon} alt="" width="22" height="22" /> Marquee
        </a>
        <SearchBox choice={place.choice} />
        <PageLinks here="/browse" />
      </header>
      <Content key={place.page === 'results' ? 'results' : entry} {...{ place, entry }} />
    </>
  );
}

function Content({ place: { page, id, choice }, entry }: ReturnType<typeof usePlace>) {
  if (page === 'results') return <ResultsPage choice={choice} entry={entry} />;
  if (page === 'media') return <MediaPage id={id} choice={choice} />;
  if (page === 'person') return <PersonPage id={id} choice={choice} entry={entry} />;
  if (page === 'collection') return <CollectionPage id={id} choice={choice} entry={entry} />;
  return (
    <main id="main" tabIndex={-1}>
      <h1>There is nothing at this address</h1>
      <p>
        <a href={resultsHref({})} onClick={follow}>
          All media
        </a>
      </p>
    </main>
  );
}
