// Run once by the image of MongoDB, when the data folder is new: the user that the nodes sign in as. It may read and write
// its own database and nothing else.
db.getSiblingDB('nexo_im').createUser({
  user: 'nexo',
  pwd: process.env['NEXO_PASSWORD'],
  roles: [{ role: 'readWrite', db: 'nexo_im' }],
})
