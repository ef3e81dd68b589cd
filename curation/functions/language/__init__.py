"""The language of a text.

langdetect and similar libraries were made for documents, so they get only the words of a post
(`curation.rules.language_words`). Where the script leaves one language (`scripts`), no engine is needed; where it
leaves a few, the engine (`engines`) chooses among them. An answer is a text with the most likely languages and their
probabilities, and SQL combines it with other evidence (`curation.rules.language_priors`).
"""
