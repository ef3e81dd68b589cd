"""Words that Python adds to SQL: batch functions from texts to values, which know no rules and no corpora."""
