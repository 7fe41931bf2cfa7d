-- Who keeps copies of what seldom changes listens to the channel "marquee", and is told there what was changed
-- (app/notifications.py). The message is sent by the commit, whoever made the change.

CREATE FUNCTION notify_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('marquee', TG_ARGV[0]);
    RETURN NULL;
END
$$;

CREATE TRIGGER setting_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON setting
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('setting');
