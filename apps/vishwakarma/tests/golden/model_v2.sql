-- A model of version 2, as that version saved it. It never changes.
PRAGMA application_id=1448561457;
PRAGMA user_version=2;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE layers (name TEXT PRIMARY KEY, color INTEGER NOT NULL, visible INTEGER NOT NULL);
CREATE TABLE elements (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, layer TEXT NOT NULL, color INTEGER, kind TEXT NOT NULL, fields TEXT NOT NULL);
CREATE TABLE blocks (name TEXT PRIMARY KEY, source TEXT NOT NULL);
CREATE TABLE geometry (id INTEGER PRIMARY KEY, key TEXT NOT NULL, box TEXT NOT NULL, data BLOB NOT NULL);
INSERT INTO meta VALUES ('unit', 'mm'), ('next_id', '5');
INSERT INTO layers VALUES ('0', 255, 1), ('hidden', 4278190335, 0);
INSERT INTO elements VALUES
    (2, 0, 'hidden', NULL, 'block', '{"block":"post","parameters":[["height",3.0]],"transform":[1.0,0.0,0.0,5.0,0.0,1.0,0.0,0.0,0.0,0.0,1.0,0.0]}'),
    (4, 2, '0', 255, 'circle', '{"x":0.0,"y":0.0,"radius":1.0}');
INSERT INTO blocks VALUES ('post', 'def post(height: float = 2.0):
    line3(0, 0, 0, 0, 0, height)
');
INSERT INTO geometry VALUES (2, 'key', '[0,0,0,0,0,3]', x'00');
