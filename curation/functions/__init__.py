"""Words that Python adds to the SQL vocabulary: batch functions over Arrow arrays, and what they need.

A function takes texts and gives values; it knows no rule and no corpus. Every shelf above `disk` may import it.
"""
