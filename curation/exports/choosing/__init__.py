"""Which kept posts an export has, and on which side of train and valid each of them stands.

It works on the table `posts` of one connection, and knows no format; the rest of `curation.exports` may import it, and
so may evaluation, which asks for copies and near copies.
"""
