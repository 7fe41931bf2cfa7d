"""Files that are fetched or made: artwork, subtitles and thumbnails, in a folder by their content."""
