"""The statements by which one staged chunk of a roster becomes people: set-based, inside the importer's own row-level security.

`roster_stage` holds a chunk's usable lines (staging.STAGED) with an id kept ready for each; `roster_hit` those whose ID number
is already on file in the importer's area, with what would change. An empty cell in a roster says nothing and changes nothing.
"""

from songhe.registry.people.roster.staging import STAGED
from songhe.registry.people.terms import BITS

_COLUMNS = ", ".join(f"{name} {kind}" for name, kind in STAGED)
STAGE = f"""
CREATE TEMP TABLE roster_stage ({_COLUMNS}, pid bigint DEFAULT nextval(pg_get_serial_sequence('people_person', 'id')))
"""
COPY = f"COPY roster_stage ({', '.join(name for name, _ in STAGED)}) FROM STDIN (FORMAT binary)"

_KINDS = ", ".join(f"('{code}', {bit})" for code, bit in BITS.items())
# text columns where an empty cell means "not said"
_SAID = {
    "living": "living",
    "marital": "marital",
    "ethnicity": "ethnicity",
    "hukou_text": "hukou",
    "former_name": "former_name",
}
_TEXT_DIFFERS = " OR ".join(f"(s.{cell} IS NOT NULL AND p.{column} <> s.{cell})" for column, cell in _SAID.items())

# Bits that this roster newly opens: named in it, not held now, and no row of that kind reaches past its first day.
_NEW_BITS = f"""
CASE WHEN (s.tags & ~p.tags) = 0 THEN 0 ELSE coalesce((
    SELECT bit_or(k.bit) FROM (VALUES {_KINDS}) k(code, bit)
    WHERE s.tags & k.bit <> 0 AND p.tags & k.bit = 0 AND NOT EXISTS (
        SELECT 1 FROM people_circumstance c WHERE c.person_id = p.id AND c.kind = k.code
        AND coalesce(c.valid_to, 'infinity') > coalesce(s.circumstance_from, %(today)s::date))), 0) END
"""
HITS = f"""
CREATE TEMP TABLE roster_hit AS
SELECT s.line, p.id, p.status, p.village_id AS was, p.village_id <> s.village_id AS moved,
       s.ability_level IS NOT NULL AND (s.ability_level IS DISTINCT FROM p.ability_level OR s.ability_on IS DISTINCT FROM p.ability_on)
           AND coalesce(s.ability_on >= p.ability_on, s.ability_on IS NOT NULL OR p.ability_on IS NULL) AS assessed,
       {_NEW_BITS} AS new_bits,
       (p.name <> s.name OR p.village_id <> s.village_id OR {_TEXT_DIFFERS}
        OR (s.phone_blind IS NOT NULL AND p.phone_blind IS DISTINCT FROM s.phone_blind)
        OR (s.case_file_on IS NOT NULL AND p.case_file_on IS DISTINCT FROM s.case_file_on)
        OR (s.verified_on IS NOT NULL AND coalesce(p.verified_on < s.verified_on, true))
        OR (s.address_sealed IS NOT NULL AND p.address_sealed IS NULL)) AS changed,
       s.address_sealed IS NOT NULL AND p.address_sealed IS NULL AS new_address,
       c.id AS contact, s.contact_name IS NOT NULL AND c.id IS NULL AS new_contact, false AS new_number,
       p.address_sealed AS old_address, s.address_sealed, c.phone_sealed AS old_contact, s.contact_sealed,
       c.phone_blind AS old_contact_blind
FROM roster_stage s
CROSS JOIN LATERAL (SELECT * FROM people_person p WHERE p.id_blind = s.id_blind AND p.merged_into_id IS NULL OFFSET 0) p
LEFT JOIN LATERAL (SELECT c.id, c.phone_sealed, c.phone_blind FROM people_contact c
                   WHERE c.person_id = p.id AND c.name = coalesce(s.contact_name, '紧急联系人')
                   ORDER BY c.priority, c.id LIMIT 1) c ON s.contact_name IS NOT NULL OR s.contact_sealed IS NOT NULL
"""
MEASURE = "SELECT people_measure()"
# what an SQL comparison cannot see: two sealed cells of the same text differ
COMPARE = "SELECT line, old_address, address_sealed FROM roster_hit WHERE old_address IS NOT NULL AND address_sealed IS NOT NULL"
COMPARE_CONTACT = (
    "SELECT line, old_contact, contact_sealed FROM roster_hit WHERE contact IS NOT NULL AND contact_sealed IS NOT NULL"
)
NEW_ADDRESS = "UPDATE roster_hit SET changed = true, new_address = true WHERE line = ANY(%s)"
NEW_NUMBER = "UPDATE roster_hit SET new_number = true WHERE line = ANY(%s)"
CHANGED = "UPDATE roster_hit SET changed = true WHERE NOT changed AND (assessed OR new_bits <> 0 OR new_contact OR new_number)"

NEW = """
INSERT INTO people_person (
    id, uid, name, former_name, name_sort, search, sex, birth, id_sealed, id_blind, phone_sealed, phone_blind, address_sealed,
    hukou_text, living, marital, ethnicity, status, tags, ability_level, ability_on, ability_due, case_file_on, helper_named,
    source, verified_by, verified_on, origin, batch_id, changed_at, changed_by, created_at, village_id, town_id, county_id, city_id)
SELECT s.pid, s.uid, s.name, coalesce(s.former_name, ''), s.name_sort, array_to_tsvector(s.terms), s.sex, s.birth, s.id_sealed,
       s.id_blind, s.phone_sealed, s.phone_blind, s.address_sealed, coalesce(s.hukou, ''), coalesce(s.living, ''),
       coalesce(s.marital, ''), coalesce(s.ethnicity, ''), 'living', s.tags, s.ability_level, s.ability_on, s.ability_due,
       coalesce(s.case_file_on, %(today)s), false, coalesce(s.source, %(source)s), %(user)s, coalesce(s.verified_on, %(today)s),
       %(origin)s, %(batch)s, %(now)s, %(user)s, %(now)s,
       s.village_id, s.town_id, s.county_id, s.city_id
FROM roster_stage s WHERE NOT EXISTS (SELECT 1 FROM roster_hit h WHERE h.line = s.line)
ON CONFLICT (id_blind) WHERE merged_into_id IS NULL DO NOTHING
"""
# Into an empty register nothing can be on file already; doubles inside the file were left out before.
FILL = NEW[: NEW.index("WHERE NOT EXISTS")]
FILL_BEGIN, FILL_END = "SELECT people_fill_begin()", "SELECT people_fill_end()"
SETTLE = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"  # an index is not made while checks are waiting
NO_HITS = HITS + " WITH NO DATA"
TAKEN_AFTER = """
SELECT s.line FROM roster_stage s WHERE NOT EXISTS (SELECT 1 FROM roster_hit h WHERE h.line = s.line)
AND NOT EXISTS (SELECT 1 FROM people_person p WHERE p.id = s.pid)
"""
TAKEN_BEFORE = """
SELECT s.line FROM roster_stage s
JOIN people_taken(ARRAY(SELECT s.id_blind FROM roster_stage s WHERE NOT EXISTS (SELECT 1 FROM roster_hit h WHERE h.line = s.line))) t
  ON t.id_blind = s.id_blind
"""
CIRCUMSTANCES = f"""
INSERT INTO people_circumstance (person_id, kind, valid_from, source, verified_by, verified_on, detail, batch_id,
                                 village_id, town_id, county_id, city_id)
SELECT coalesce(h.id, s.pid), k.code, coalesce(s.circumstance_from, %(today)s), coalesce(s.source, %(source)s), %(user)s, %(today)s, '{{}}', %(batch)s,
       s.village_id, s.town_id, s.county_id, s.city_id
FROM roster_stage s LEFT JOIN roster_hit h ON h.line = s.line
CROSS JOIN (VALUES {_KINDS}) k(code, bit)
WHERE s.tags <> 0 AND coalesce(h.new_bits, s.tags) & k.bit <> 0
"""
CONTACTS = """
INSERT INTO people_contact (person_id, name, relation, phone_sealed, phone_blind, priority, lives_near)
SELECT s.pid, coalesce(s.contact_name, '紧急联系人'), coalesce(s.contact_relation, 'other'), s.contact_sealed,
       s.contact_blind, 1, false
FROM roster_stage s WHERE (s.contact_name IS NOT NULL OR s.contact_sealed IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM roster_hit h WHERE h.line = s.line)
"""

# Files that were there before ------------------------------------------------------------------------------------------

_KEPT = ("name", "former_name", "name_sort", "hukou_text", "living", "marital", "ethnicity", "tags", "ability_level", "ability_on",
         "ability_due", "case_file_on", "source", "verified_by", "verified_on", "village_id", "town_id", "county_id", "city_id")  # fmt: skip
_KEPT_SEALED = ("phone_sealed", "phone_blind", "address_sealed")
_BEFORE = ", ".join(
    [
        *(f"'{c}', p.{c}" for c in _KEPT),
        *(f"'{c}', encode(p.{c}, 'hex')" for c in _KEPT_SEALED),
        "'search', p.search::text",
    ]
)
KEEP = f"""
INSERT INTO people_importchange (batch_id, person_id, before)
SELECT %(batch)s, p.id, jsonb_build_object({_BEFORE}, '_contact', h.contact, '_contact_phone', encode(h.old_contact, 'hex'),
                                         '_contact_blind', encode(h.old_contact_blind, 'hex'))
FROM roster_hit h JOIN people_person p ON p.id = h.id WHERE h.changed
ON CONFLICT (batch_id, person_id) DO NOTHING
"""
_SET_TEXT = ", ".join(f"{column} = coalesce(s.{cell}, p.{column})" for column, cell in _SAID.items())
UPDATE = f"""
UPDATE people_person p SET
    name = s.name, name_sort = s.name_sort, {_SET_TEXT},
    search = CASE WHEN s.former_name IS NULL AND p.former_name <> '' THEN p.search || array_to_tsvector(s.terms)
                  ELSE array_to_tsvector(s.terms) END,
    phone_sealed = CASE WHEN s.phone_blind IS DISTINCT FROM p.phone_blind THEN coalesce(s.phone_sealed, p.phone_sealed)
                        ELSE p.phone_sealed END,
    phone_blind = coalesce(s.phone_blind, p.phone_blind),
    address_sealed = CASE WHEN h.new_address THEN s.address_sealed ELSE p.address_sealed END,
    tags = p.tags | h.new_bits,
    ability_level = CASE WHEN h.assessed THEN s.ability_level ELSE p.ability_level END,
    ability_on = CASE WHEN h.assessed THEN s.ability_on ELSE p.ability_on END,
    ability_due = CASE WHEN h.assessed THEN s.ability_due ELSE p.ability_due END,
    case_file_on = coalesce(s.case_file_on, p.case_file_on),
    source = coalesce(s.source, nullif(%(source)s, ''), p.source),
    verified_by = %(user)s, verified_on = greatest(p.verified_on, coalesce(s.verified_on, %(today)s)),
    changed_at = %(now)s, changed_by = %(user)s,
    village_id = s.village_id, town_id = s.town_id, county_id = s.county_id, city_id = s.city_id
FROM roster_hit h JOIN roster_stage s ON s.line = h.line
WHERE p.id = h.id AND h.changed
"""
MOVED = """
INSERT INTO people_lifeevent (person_id, kind, "on", note, detail, source, by, recorded_at, village_id, town_id, county_id, city_id)
SELECT h.id, 'move_within', %(today)s, '', jsonb_build_object('from', h.was, 'to', s.village_id, 'batch', %(batch)s), %(source)s,
       %(user)s, %(now)s, s.village_id, s.town_id, s.county_id, s.city_id
FROM roster_hit h JOIN roster_stage s ON s.line = h.line WHERE h.moved
ON CONFLICT (person_id, kind, "on") WHERE undone_at IS NULL DO NOTHING
"""
MOVED_CIRCUMSTANCES = """
UPDATE people_circumstance c SET village_id = s.village_id, town_id = s.town_id, county_id = s.county_id, city_id = s.city_id
FROM roster_hit h JOIN roster_stage s ON s.line = h.line
WHERE h.moved AND c.person_id = h.id AND c.valid_to IS NULL
"""
NUMBERS = """
UPDATE people_contact c SET phone_sealed = h.contact_sealed, phone_blind = s.contact_blind
FROM roster_hit h JOIN roster_stage s ON s.line = h.line WHERE h.new_number AND c.id = h.contact
"""
MORE_CONTACTS = """
WITH added AS (
    INSERT INTO people_contact (person_id, name, relation, phone_sealed, phone_blind, priority, lives_near)
    SELECT h.id, s.contact_name, coalesce(s.contact_relation, 'other'), s.contact_sealed, s.contact_blind,
           (SELECT count(*) + 1 FROM people_contact o WHERE o.person_id = h.id), false
    FROM roster_hit h JOIN roster_stage s ON s.line = h.line WHERE h.new_contact
    RETURNING id, person_id)
UPDATE people_importchange i SET before = i.before || jsonb_build_object('_contact_added', a.id)
FROM added a WHERE i.batch_id = %(batch)s AND i.person_id = a.person_id
"""

# Taking a batch back -----------------------------------------------------------------------------------------------------

_RESTORED = ", ".join(
    [
        *(f"{c} = b.{c}" for c in _KEPT),
        *(f"{c} = decode(b.{c}, 'hex')" for c in _KEPT_SEALED),
        "search = b.search::tsvector",
    ]
)
_TYPES = {"tags": "int", "ability_level": "smallint", "ability_on": "date", "ability_due": "date", "case_file_on": "date",
          "verified_by": "int", "verified_on": "date"}  # fmt: skip
_SHAPE = ", ".join(
    f"{c} {_TYPES.get(c, 'bigint' if c.endswith('_id') else 'text')}" for c in (*_KEPT, *_KEPT_SEALED, "search")
)
RESTORE = f"""
UPDATE people_person p SET {_RESTORED}, changed_at = %(now)s, changed_by = %(user)s
FROM people_importchange i, jsonb_to_record(i.before) AS b({_SHAPE})
WHERE i.batch_id = %(batch)s AND p.id = i.person_id AND p.changed_at = %(stamp)s
RETURNING p.id
"""
RESTORE_CONTACTS = """
UPDATE people_contact c SET phone_sealed = decode(i.before ->> '_contact_phone', 'hex'),
    phone_blind = decode(i.before ->> '_contact_blind', 'hex')
FROM people_importchange i
WHERE i.batch_id = %(batch)s AND i.person_id = ANY(%(restored)s) AND c.id = (i.before ->> '_contact')::bigint
  AND c.person_id = i.person_id
"""
DROP_CONTACTS = """
DELETE FROM people_contact c USING people_importchange i
WHERE i.batch_id = %(batch)s AND i.person_id = ANY(%(restored)s) AND c.id = (i.before ->> '_contact_added')::bigint
"""
DROP_CIRCUMSTANCES = "DELETE FROM people_circumstance WHERE batch_id = %(batch)s AND person_id = ANY(%(people)s)"
UNDO_MOVES = """
UPDATE people_lifeevent SET undone_at = %(now)s
WHERE person_id = ANY(%(restored)s) AND kind = 'move_within' AND undone_at IS NULL AND (detail ->> 'batch')::bigint = %(batch)s
"""
