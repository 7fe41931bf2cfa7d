-- Limits of outside services, which all processes of all instances share (providers/rate_limit.py).

CREATE TABLE provider_limit (
    provider text PRIMARY KEY CHECK (char_length(provider) BETWEEN 1 AND 200),
    -- When the last calls were allowed, or will be; the oldest first, as many as the limit has calls.
    slots timestamptz[] NOT NULL,
    -- The service has asked for a pause until then.
    blocked_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

-- Calls that are under way, where a service limits how many may be. Who has a lease renews it; those of a process that
-- has died expire.
CREATE TABLE provider_lease (
    provider text NOT NULL CHECK (char_length(provider) BETWEEN 1 AND 200),
    number integer NOT NULL CHECK (number BETWEEN 1 AND 1000),
    holder uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (provider, number)
) WITH (fillfactor = 50);
