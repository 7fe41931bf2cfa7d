import type { MediaDetails } from './media-page';
import { Section } from './section';
import { bytes, date, playingTime, size } from '../words';

/** The files of a media. */
export function Files({ files }: { files: MediaDetails['files'] }) {
  if (files.length === 0) return null;
  return (
    <Section title="Files">
      <ul className="plain-list">
        {files.map((file) => (
          <li key={file.id}>
            <span className="path">{file.path}</span>
            <small>
              {[
                bytes(file.size),
                file.container,
                file.codecs.join(', '),
                size(file.width, file.height),
                file.durationMs !== null && playingTime(file.durationMs / 1000),
                `changed ${date(file.modifiedAt)}`,
              ]
                .filter(Boolean)
                .join(' · ')}
            </small>
          </li>
        ))}
      </ul>
    </Section>
  );
}
