"""Which kept posts an export has, and on which side of train and valid each of them stands.

It works on the table `posts` of one connection and knows no format. The rest of `curation.exports` may import it, and
evaluation, which looks for copies and near copies.
"""
