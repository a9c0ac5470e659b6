-- A model of version 1, as that version saved it. It never changes.
PRAGMA application_id=1448561457;
PRAGMA user_version=1;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE layers (name TEXT PRIMARY KEY, color INTEGER NOT NULL);
CREATE TABLE elements (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, layer TEXT NOT NULL, color INTEGER, kind TEXT NOT NULL, fields TEXT NOT NULL);
INSERT INTO meta VALUES ('unit', 'm'), ('next_id', '10');
INSERT INTO layers VALUES ('0', 255), ('walls', 4278190335);
INSERT INTO elements VALUES
    (1, 0, 'walls', NULL, 'group', '{"name":"ground floor"}'),
    (2, 1, 'walls', NULL, 'line', '{"x1":0.0,"y1":0.0,"x2":0.1,"y2":1e-9}'),
    (3, 1, '0', 16711935, 'text', '{"text":"Tür","x":1.0,"y":2.0,"height":0.25,"rotation":90.0}'),
    (7, 0, '0', NULL, 'polyline', '{"points":[[0.0,0.0],[1.0,0.0]],"closed":false}');
