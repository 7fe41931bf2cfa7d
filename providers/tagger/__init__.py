"""An outside tagger: a service over HTTP that says which tags and categories media should have."""
