# The 25 letters in the sentences of words.py: the same videos, other words. A network
# that has learned the words starts here from --cfg-options load_from=CHECKPOINT; its
# classifier has another shape and starts anew.
_base_ = 'words.py'

num_classes = 25
letters = dict(
    num_classes=num_classes, metainfo=dict(classes='data/words/classes_letters.txt')
)
train_dataloader = dict(
    dataset=dict(ann_file='data/words/train_letters.txt', **letters)
)
val_dataloader = dict(dataset=dict(ann_file='data/words/val_letters.txt', **letters))
test_dataloader = dict(dataset=dict(ann_file='data/words/test_letters.txt', **letters))
